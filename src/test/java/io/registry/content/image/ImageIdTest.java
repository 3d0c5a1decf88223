package io.registry.content.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.registry.platform.problem.Problem;
import io.registry.platform.problem.RegistryException;
import io.registry.testkit.RandomCases;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ImageIdTest {
  private static final String LONG =
      "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
  private static final String SHORT = "0123456789abcdef";

  @ParameterizedTest
  @ValueSource(strings = {LONG, SHORT, "0000000000000000", "ffffffffffffffff"})
  void hexadecimalDigitsAreAnId(String text) {
    assertThat(new ImageId(text).toString()).isEqualTo(text);
    assertThat(ImageId.find(text)).contains(new ImageId(text));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        SHORT + "\n",
        LONG + "\n",
        LONG + "\r\n",
        "\n" + SHORT,
        " " + SHORT,
        SHORT + "0",
        SHORT + SHORT,
        LONG + "0",
        "123456789abcdef",
        "0123456789ABCDEF",
        "0123456789abcdeg",
        "0123456789abcde\u0660",
        "0123456789abcde\uff11",
        "../0123456789abc",
        "0123456789abcde/",
        "0123456789abcde\0",
        "lost+found"
      })
  void anythingElseIsRefused(String text) {
    assertThat(ImageId.find(text)).isEmpty();
    assertThatThrownBy(() -> new ImageId(text))
        .hasMessage("Invalid image ID")
        .asInstanceOf(InstanceOfAssertFactories.throwable(RegistryException.class))
        .extracting(RegistryException::problem)
        .isEqualTo(Problem.NOT_FOUND);
  }

  @Test
  void aTextIsAnIdExactlyWhenItHas16Or64Digits() {
    RandomCases.check(
        20_000,
        random -> {
          char[] text = (random.nextBoolean() ? LONG : SHORT).toCharArray();
          for (int i = random.nextInt(3); i > 0; i--) {
            text[random.nextInt(text.length)] =
                (char) random.nextInt(random.nextBoolean() ? 128 : 65536);
          }
          String changed = new String(text);
          boolean hexadecimal = changed.chars().allMatch(c -> "0123456789abcdef".indexOf(c) >= 0);

          assertThat(ImageId.find(changed).isPresent()).as(changed).isEqualTo(hexadecimal);
          ImageId.find(changed)
              .ifPresent(
                  id ->
                      assertThat(ImageKeys.layer(id).path())
                          .isEqualTo("images/" + changed + "/layer"));
        });
  }
}
