package io.registry.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BlobKeyTest {

  @ParameterizedTest
  @ValueSource(strings = {"a", "images/abc/_checksum", "...", ".a", "a..", "a b+%2F~", "ä"})
  void acceptsWhatStaysInTheStore(String path) {
    assertThat(new BlobKey(path)).hasToString(path);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "", "/", "/a", "a/", "a//b", ".", "..", "a/.", "a/..", "../a", "a/../b", "./a", "a/./b",
        "a\0b", "a\nb", "a\r", "\t", "a\u007f", "a\u0085", "a/b\n/c"
      })
  void refusesWhatCouldLeaveTheStoreOrHideInIt(String path) {
    assertThatIllegalArgumentException().isThrownBy(() -> new BlobKey(path));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ".", "..", "a/b", "/", "a\0", "\n"})
  void refusesSuchComponents(String component) {
    BlobKey folder = BlobKey.of("images");

    assertThat(BlobKey.isComponent(component)).isFalse();
    assertThatIllegalArgumentException().isThrownBy(() -> BlobKey.of(component));
    assertThatIllegalArgumentException().isThrownBy(() -> folder.child(component));
  }

  @Test
  void countsTheLengthOfAComponentInBytes() {
    assertThat(BlobKey.isComponent("x".repeat(255))).isTrue();
    assertThat(BlobKey.isComponent("x".repeat(256))).isFalse();
    assertThat(BlobKey.isComponent("ä".repeat(127))).isTrue();
    assertThat(BlobKey.isComponent("ä".repeat(128))).isFalse();
    assertThatIllegalArgumentException().isThrownBy(() -> BlobKey.of("a", "x".repeat(256), "b"));
  }

  @Test
  void namesItsChildren() {
    assertThat(BlobKey.of("images", "abc").child("json"))
        .isEqualTo(new BlobKey("images/abc/json"))
        .isEqualTo(BlobKey.of("images", "abc", "json"));
  }
}
