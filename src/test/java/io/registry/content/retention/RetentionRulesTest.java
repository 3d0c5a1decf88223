package io.registry.content.retention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.registry.content.image.ImageId;
import io.registry.content.repository.RepositoryName;
import io.registry.content.repository.TagName;
import io.registry.testkit.TestImage;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What the rules say of tags. */
class RetentionRulesTest {
  private static final Instant NOW = Instant.parse("2026-03-26T12:00:00Z");
  private static final RepositoryName APP = new RepositoryName("team", "app");
  private static final Duration NEVER = Duration.ZERO;

  private static RetentionProperties.Rule rule(String name, int newest) {
    return new RetentionProperties.Rule(
        name, List.of(), List.of(), List.of(), false, newest, 0, null, NEVER, NEVER);
  }

  private static RetentionRules rules(RetentionProperties.Rule... rules) {
    return new RetentionRules(new RetentionProperties("", List.of(rules)));
  }

  private static TagFacts tag(String name, int pushedDaysAgo) {
    return tag(name, Optional.of(pushedDaysAgo), Optional.empty(), false);
  }

  private static TagFacts tag(
      String name, Optional<Integer> pushed, Optional<Integer> pulled, boolean isFixed) {
    return new TagFacts(
        new TagName(name),
        ImageId.valueOf(TestImage.id(name)),
        pushed.map(days -> NOW.minus(Duration.ofDays(days))),
        pulled.map(days -> NOW.minus(Duration.ofDays(days))),
        isFixed,
        false);
  }

  private static List<String> removed(RetentionRules rules, TagFacts... tags) {
    return rules.judge(APP, List.of(tags), NOW).stream()
        .filter(verdict -> !verdict.isKept())
        .map(verdict -> verdict.facts().tag().value())
        .toList();
  }

  @Test
  void theNewestStay() {
    RetentionRules rules = rules(rule("newest", 2));

    assertThat(removed(rules, tag("a", 3), tag("b", 1), tag("c", 2), tag("d", 4)))
        .containsExactly("a", "d");
  }

  @Test
  void withoutRulesEverythingStays() {
    assertThat(removed(rules(), tag("a", 1000))).isEmpty();
    assertThat(rules().isAbout(APP)).isFalse();
  }

  @Test
  void aTagStaysWhenOneOfItsRulesKeepsItAndTheVerdictNamesTheRule() {
    RetentionProperties.Rule releases =
        new RetentionProperties.Rule(
            "releases",
            List.of("team/*"),
            List.of("v*"),
            List.of("v0*"),
            true,
            0,
            0,
            null,
            NEVER,
            NEVER);
    List<Verdict> verdicts =
        rules(rule("newest", 1), releases)
            .judge(APP, List.of(tag("new", 1), tag("v0", 9), tag("v1", 9)), NOW);

    assertThat(verdicts).extracting(Verdict::isKept).containsExactly(true, false, true);
    assertThat(verdicts).extracting(Verdict::rule).containsExactly("newest", "newest", "releases");
  }

  @Test
  void aRuleIsAboutItsRepositoriesAndTagsOnly() {
    RetentionProperties.Rule builds =
        new RetentionProperties.Rule(
            "builds",
            List.of("team/*"),
            List.of("build-*"),
            List.of(),
            false,
            1,
            0,
            null,
            NEVER,
            NEVER);
    RetentionRules rules = rules(builds);

    assertThat(removed(rules, tag("build-1", 2), tag("build-2", 1), tag("other", 9)))
        .containsExactly("build-1");
    assertThat(rules.isAbout(new RepositoryName("other", "app"))).isFalse();
  }

  @Test
  void whatWasPushedOrPulledRecentlyStays() {
    RetentionProperties.Rule recent =
        new RetentionProperties.Rule(
            "recent",
            List.of(),
            List.of(),
            List.of(),
            false,
            0,
            0,
            null,
            Duration.ofDays(7),
            Duration.ofDays(30));

    assertThat(
            removed(
                rules(recent),
                tag("pushed", 7),
                tag("old", 8),
                tag("pulled", Optional.of(100), Optional.of(30), false),
                tag("unpulled", Optional.of(100), Optional.of(31), false)))
        .containsExactly("old", "unpulled");
  }

  @Test
  void aTagOfUnknownTimeStays() {
    assertThat(
            removed(
                rules(rule("newest", 1)),
                tag("a", 1),
                tag("unknown", Optional.empty(), Optional.empty(), false)))
        .isEmpty();
  }

  @Test
  void anImmutableTagStays() {
    assertThat(
            removed(
                rules(rule("newest", 1)),
                tag("a", 1),
                tag("fixed", Optional.of(9), Optional.empty(), true)))
        .isEmpty();
  }

  @Test
  void namesThatMatchStay() {
    RetentionProperties.Rule named =
        new RetentionProperties.Rule(
            "named",
            List.of(),
            List.of(),
            List.of(),
            false,
            0,
            0,
            Pattern.compile("release-\\d+"),
            NEVER,
            NEVER);

    assertThat(removed(rules(named), tag("release-1", 9), tag("release-1a", 1)))
        .containsExactly("release-1a");
  }

  @Test
  void theHighestVersionsStay() {
    RetentionProperties.Rule versions =
        new RetentionProperties.Rule(
            "versions", List.of(), List.of(), List.of(), false, 0, 2, null, NEVER, NEVER);

    assertThat(
            removed(
                rules(versions),
                tag("1.9.0", 1),
                tag("v1.10.0", 2),
                tag("1.10.0-rc.1", 3),
                tag("latest", 1)))
        .containsExactly("1.9.0", "latest");
  }

  /** The order of semver.org. */
  @Test
  void versionsHaveTheirOrder() {
    List<SemanticVersion> versions =
        Stream.of(
                "1.0.0-alpha",
                "1.0.0-alpha.1",
                "1.0.0-alpha.beta",
                "1.0.0-beta",
                "1.0.0-beta.2",
                "1.0.0-beta.11",
                "1.0.0-rc.1",
                "1.0.0",
                "v1.0.1",
                "1.2.0",
                "1.10.0",
                "10.0.0")
            .map(text -> SemanticVersion.find(text).orElseThrow())
            .toList();

    assertThat(versions).isSorted();
    assertThat(Stream.of("1", "1.0", "1.0.0.0", "01.0.0", "1.0.0-", "latest"))
        .allMatch(text -> SemanticVersion.find(text).isEmpty());
  }

  @Test
  void aRuleWithoutAConditionIsRefused() {
    assertThatThrownBy(() -> rule("nothing", 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("nothing");
  }
}
