package io.registry.web;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.http.server.PathContainer;
import org.springframework.web.util.pattern.PathPatternParser;

class RouteMappingTest {
  private static final String[] SEGMENTS = {
    "v1", "v", "{$}", "{$:v.*}", "x{$}", "{$}.tar", "*", "v*", "v?", "", "-"
  };

  private static final String[] WORDS = {
    "v1", "v", "v2", "%761", "v%31", "v1;a=b", ";a", "", "x1", "1.tar", "%2F", "%25", "-"
  };

  @Test
  void aPatternThatMatchesIsNeverLeftOut() {
    PathPatternParser parser = new PathPatternParser();
    Random random = new Random(7);
    int matching = 0;
    for (int i = 0; i < 200_000; i++) {
      String pattern = some(random, SEGMENTS) + end(random);
      String path = some(random, WORDS);
      if (parser.parse(pattern).matches(PathContainer.parsePath(path))) {
        matching++;
        assertThat(RouteMapping.mayMatch(pattern, path)).as("%s %s", pattern, path).isTrue();
      }
    }
    assertThat(matching).isGreaterThan(1_000);
  }

  private static String some(Random random, String[] words) {
    StringBuilder path = new StringBuilder();
    for (int i = random.nextInt(4); i >= 0; i--) {
      path.append('/').append(words[random.nextInt(words.length)].replace("$", "name" + i));
    }
    return path.toString();
  }

  private static String end(Random random) {
    return switch (random.nextInt(6)) {
      case 0 -> "/**";
      case 1 -> "/{*rest}";
      case 2 -> "/";
      default -> "";
    };
  }

  @ParameterizedTest
  @CsvSource({
    "/v1/images/{id}/json, /v1/images/1/layer",
    "/v1/images/{id}/json, /v1/images/1",
    "/v1/images/{id}/json, /v1/images/1/json/2",
    "/v1/images/{id}, /v2/images/1",
    "/v1/_ping, /v1/_pin",
    "/v1/_ping, /v1/_ping/"
  })
  void otherWordsAreLeftOut(String pattern, String path) {
    assertThat(RouteMapping.mayMatch(pattern, path)).isFalse();
  }
}
