package io.registry.web.v1;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.registry.testkit.RandomCases;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.web.util.UriUtils;

class V1PathTest {
  private static final String R = "/v1/repositories/";
  private static final List<String> PARTS =
      List.of("", "/tags", "/images", "/json", "/auth", "/properties", "/tags/@", "/tags/@/json");

  @ParameterizedTest
  @CsvSource({
    "/v1/repositories/solo, /v1/repositories/library/solo",
    "/v1/repositories/solo/, /v1/repositories/library/solo",
    "/v1/repositories/ns/name, /v1/repositories/ns/name",
    "//v1/repositories/ns/name//, /v1/repositories/ns/name",
    "/v1/repositories/ns/name//tags/v1, /v1/repositories/ns/name/tags/v1",
    "/v1/repositories/a/b/c, /v1/repositories/a/b%2Fc",
    "/v1/repositories/a/b/c/d/tags/v1, /v1/repositories/a/b%2Fc%2Fd/tags/v1",
    "/v1/repositories/a%2Fb%2fc/json, /v1/repositories/a/b%2Fc/json",
    "/v1/repositories/a/b c, /v1/repositories/a/b%20c",
    "/v1/repositories/a/b+c, /v1/repositories/a/b%2Bc",
    "/v1/repositories/a/b%252Fc, /v1/repositories/a/b%252Fc",
    "/v1/repositories/a/%C3%A9, /v1/repositories/a/%C3%A9",
    "/v1/repositories/a/..%2F../b, /v1/repositories/a/..%2F..%2Fb",
    // The words after a repository win over its name, from the right.
    "/v1/repositories/tags, /v1/repositories/library/tags",
    "/v1/repositories/tags/images, /v1/repositories/library/tags/images",
    "/v1/repositories/a/tags, /v1/repositories/library/a/tags",
    "/v1/repositories/a/b/tags/json, /v1/repositories/a/b/tags/json",
    "/v1/repositories/a/b/tags/tags, /v1/repositories/a/b/tags/tags",
    "/v1/repositories/a/b/tags/images, /v1/repositories/a/b/tags/images",
    "/v1/repositories/a/tags/json/json, /v1/repositories/library/a/tags/json/json",
    "/v1/repositories/a/b/tags/x/tags/y, /v1/repositories/a/b%2Ftags%2Fx/tags/y",
    "/v1/repositories/a/b/json/json, /v1/repositories/a/b%2Fjson/json",
    "/v1/repositories/a/b/other, /v1/repositories/a/b%2Fother",
    // A slash behind such a word makes it a part of the name.
    "/v1/repositories/a/images/, /v1/repositories/a/images",
    "/v1/repositories/a/images//, /v1/repositories/a/images",
    "/v1/repositories/a/images%2F, /v1/repositories/a/images",
    "/v1/repositories/a/%69mages/, /v1/repositories/a/images",
    "/v1/repositories/a/b/tags/, /v1/repositories/a/b%2Ftags",
    "/v1/repositories/a/b/tags/json/, /v1/repositories/a/b%2Ftags%2Fjson",
    "/v1/repositories/a/images/images, /v1/repositories/a/images/images",
    "/v1/repositories/a/images/tags/v1, /v1/repositories/a/images/tags/v1",
    "/v1/repositories/a/images/tags/v1/, /v1/repositories/a/images/tags/v1",
    "/v1/images/id/json/, /v1/images/id/json",
    "///v1/_ping///, /v1/_ping",
    "/, /",
    "//, /",
    "'', ''"
  })
  void eachSpellingHasOnePath(String raw, String path) {
    assertThat(V1Path.normalise(raw)).isEqualTo(path);
  }

  @ParameterizedTest
  @ValueSource(strings = {"%", "%4", "%zz", "%ff", "a%C3", "%C3%28", "%ED%A0%80", "%C0%AF", "b%"})
  void whatIsNotEncodedUtf8IsRefused(String name) {
    assertThatThrownBy(() -> V1Path.normalise(R + "a/" + name))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void everySpellingOfARouteHasTheSamePath() {
    RandomCases.check(
        20_000,
        random -> {
          String namespace = word(random);
          String name = word(random) + (random.nextInt(3) == 0 ? "/" + word(random) : "");
          String part = PARTS.get(random.nextInt(PARTS.size())).replace("@", word(random) + "+%");
          String expected = R + encode(namespace) + "/" + encode(name) + expectedPart(part);
          String spelled = namespace + "/" + name + part;
          if (namespace.equals("library") && name.indexOf('/') < 0 && random.nextBoolean()) {
            spelled = name + part;
          }
          String raw =
              "/".repeat(random.nextInt(3))
                  + R
                  + respelled(random, spelled)
                  + (isWord(spelled) ? "" : "/".repeat(random.nextInt(3)));

          assertThat(V1Path.normalise(raw)).as(raw).isEqualTo(expected);
        });
  }

  @Test
  void aPathIsItsOwnSpelling() {
    RandomCases.check(
        20_000,
        random -> {
          String raw = R + RandomCases.text(random, 20, "ab/%2F5.tagsjson/");
          if (catchThrowable(() -> V1Path.normalise(raw)) == null) {
            String path = V1Path.normalise(raw);
            // The name of a repository may end in a word.
            if (raw.matches("(?i).*(/|%2F)") && isWord(path.replace("%2F", "/"))) {
              return;
            }
            assertThat(V1Path.normalise(path)).as(raw).isEqualTo(path);
          }
        });
  }

  @Test
  void anyTextIsRefusedAsAnArgumentOrHasAPath() {
    RandomCases.check(
        50_000,
        random -> {
          String text = RandomCases.oddText(random, 20, "/%2fF0.tagsjson\n\0\\");
          for (String raw : List.of(text, "/" + text, R + text, R + "a/b/tags/" + text)) {
            Throwable refusal = catchThrowable(() -> V1Path.normalise(raw));
            if (refusal != null) {
              assertThat(refusal).isInstanceOf(IllegalArgumentException.class);
            }
          }
        });
  }

  private static boolean isWord(String path) {
    return path.matches(".*/(tags|images|json|auth|properties)");
  }

  private static String expectedPart(String part) {
    if (!part.startsWith("/tags/")) {
      return part;
    }
    String rest = part.substring("/tags/".length());
    return rest.endsWith("/json")
        ? "/tags/" + encode(rest.substring(0, rest.length() - "/json".length())) + "/json"
        : "/tags/" + encode(rest);
  }

  private static String word(RandomGenerator random) {
    return random.nextInt(6) == 0 ? "library" : "x" + RandomCases.text(random, 5, "abZ0_.-+ %~é日");
  }

  // Percent-encodes some characters that need not be, slashes too, in either case.
  private static String respelled(RandomGenerator random, String text) {
    StringBuilder raw = new StringBuilder();
    for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
      boolean needed = b < 0 || b == '%' || b == ' ';
      if (needed || random.nextInt(4) == 0) {
        raw.append((random.nextBoolean() ? "%%%02X" : "%%%02x").formatted(b & 0xff));
      } else {
        raw.append((char) b);
      }
    }
    return raw.toString();
  }

  private static String encode(String segment) {
    return UriUtils.encode(segment, StandardCharsets.UTF_8);
  }
}
