package io.registry.content.image;

import static org.assertj.core.api.Assertions.assertThat;

import io.registry.platform.json.JsonCodec;
import io.registry.storage.BlobKey;
import io.registry.testkit.InMemoryBlobStorage;
import io.registry.testkit.RandomCases;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every form of protocol 3.4, and what a damaged disk makes of it. */
class StoredChecksumsTest {
  private static final String SIMPLE = "sha256:" + "0123456789abcdef".repeat(4);
  private static final String TARSUM = "tarsum+" + SIMPLE;
  private static final BlobKey KEY = BlobKey.of("images", "0123456789abcdef", "_checksum");

  private final InMemoryBlobStorage storage = new InMemoryBlobStorage();
  private final StoredChecksums checksums = new StoredChecksums(storage, new JsonCodec());

  static Stream<String> one() {
    return Stream.of(
        SIMPLE,
        SIMPLE + "\n",
        " " + SIMPLE + "\r\n",
        "[\"" + SIMPLE + "\"]",
        "[\"" + SIMPLE + "\"]\n",
        " [ \"" + SIMPLE + "\" ] ",
        "\"" + SIMPLE + "\"",
        "\"" + SIMPLE + "\\n\"",
        "[\"" + SIMPLE + "\", null, 7, {}, [], \"\"]");
  }

  @ParameterizedTest
  @MethodSource("one")
  void oneChecksumIsReadInEveryForm(String file) {
    assertThat(read(file)).containsExactly(new Checksum(SIMPLE));
  }

  @Test
  void severalChecksumsKeepTheirOrder() {
    assertThat(read("[\"%s\", \"%s\"]".formatted(SIMPLE, TARSUM)))
        .containsExactly(new Checksum(SIMPLE), new Checksum(TARSUM));
    assertThat(read(TARSUM)).containsExactly(new Checksum(TARSUM));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "\n",
        "[]",
        "[null]",
        "\"\"",
        "[\"\"]",
        "[\"a\\nb\"]",
        "a\nb",
        "a\r\nb: c",
        "\"a b\"",
        "\u00e9",
        "a\0",
        "null",
        "7",
        "true",
        "{}",
        "{\"a\": \"b\"}"
      })
  void whatIsNoChecksumIsNone(String file) {
    assertThat(read(file)).isEmpty();
  }

  @Test
  void anAbsentFileHasNone() {
    assertThat(checksums.read(KEY)).isEmpty();
  }

  @Test
  void whatIsWrittenIsAnArrayAsTheOriginalWrites() {
    checksums.write(KEY, List.of(new Checksum(SIMPLE), new Checksum(TARSUM)));

    assertThat(storage.read(KEY, 1000).map(bytes -> new String(bytes, StandardCharsets.UTF_8)))
        .contains("[\"%s\", \"%s\"]".formatted(SIMPLE, TARSUM));
  }

  @Test
  void noFileSaysMoreThanOneLine() {
    RandomCases.check(
        20_000,
        random -> {
          String text = RandomCases.text(random, 10, "a:+\n\r \0[]\"\\u,\u00e9");
          assertThat(read(text))
              .allMatch(sum -> !sum.value().isEmpty())
              .allMatch(sum -> sum.value().chars().allMatch(c -> c > ' ' && c < 0x7f));
        });
  }

  private List<Checksum> read(String file) {
    storage.write(KEY, file.getBytes(StandardCharsets.ISO_8859_1));
    return checksums.read(KEY);
  }
}
