package io.registry.content.repository;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What patterns match, and which tags rules cover. */
class NamePatternTest {

  @ParameterizedTest
  @CsvSource({
    "*, team/app, true",
    "team/*, team/app, true",
    "team/*, team/front/end, true",
    "team/*, teams/app, false",
    "team/*, team/, true",
    "*/app, team/app, true",
    "*/app, team/application, false",
    "v*, v1.0, true",
    "v*, V1, false",
    "v?, v1, true",
    "v?, v, false",
    "v?, v10, false",
    "v1.0, v1x0, false",
    "[ab], a, false",
    "a*b*c, axxbyyc, true",
    "a*b*c, axxbyycd, false",
    "*-rc*, v1-rc2, true",
    "**, x, true",
    "latest, latest, true",
  })
  void starsAndQuestionMarksStandForCharacters(String pattern, String name, boolean matches) {
    assertThat(new NamePattern(pattern).matches(name)).isEqualTo(matches);
  }

  @Test
  void aPatternMadeToTakeLongDoesNot() {
    String stars = "a*".repeat(2_000) + "b";
    assertThat(new NamePattern(stars).matches("a".repeat(20_000))).isFalse();
  }

  @Test
  void anEmptyPatternIsRefused() {
    assertThatIllegalArgumentException().isThrownBy(() -> new NamePattern(" "));
  }

  @Test
  void aRuleCoversWhatItNamesWithoutItsExceptions() {
    ImmutableTags rules =
        new ImmutableTags(
            new TagProperties(
                List.of(
                    new TagProperties.Immutable(List.of("team/*"), List.of("v*"), List.of("*-rc*")),
                    new TagProperties.Immutable(List.of("prod/app"), List.of(), List.of()))));

    assertThat(covers(rules, "team/app", "v1")).isTrue();
    assertThat(covers(rules, "team/app", "v1-rc1")).isFalse();
    assertThat(covers(rules, "team/app", "latest")).isFalse();
    assertThat(covers(rules, "else/app", "v1")).isFalse();
    assertThat(covers(rules, "prod/app", "latest")).isTrue();
    assertThat(covers(new ImmutableTags(new TagProperties(List.of())), "team/app", "v1")).isFalse();
  }

  private static boolean covers(ImmutableTags rules, String repository, String tag) {
    return rules.isImmutable(RepositoryName.parse(repository), new TagName(tag));
  }
}
