package io.registry.content.retention;

import io.registry.content.repository.NamePattern;
import io.registry.content.repository.RepositoryName;
import io.registry.content.repository.TagName;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Decides which tags are kept. A tag stays when it is immutable or pinned, when no rule is about
 * it, or when one of the rules that are about it keeps it. A tag stays, too, when it is not known
 * when it was pushed and that matters.
 */
public final class RetentionRules {
  private final List<Rule> rules;

  /**
   * Creates the rules.
   *
   * @param settings the rules as configured
   * @throws IllegalArgumentException when a pattern is empty
   */
  public RetentionRules(RetentionProperties settings) {
    this.rules = settings.rules().stream().map(Rule::of).toList();
  }

  /** Whether any rule is about a repository. */
  public boolean isAbout(RepositoryName repository) {
    return rules.stream().anyMatch(rule -> rule.isAbout(repository));
  }

  /**
   * Decides about all tags of a repository.
   *
   * @param repository the repository
   * @param tags all its tags
   * @param now the time
   * @return a verdict for each tag, in the order of the names
   */
  public List<Verdict> judge(RepositoryName repository, List<TagFacts> tags, Instant now) {
    List<Judgement> judgements =
        rules.stream()
            .filter(rule -> rule.isAbout(repository))
            .map(rule -> rule.judge(tags, now))
            .toList();
    return tags.stream()
        .sorted(Comparator.comparing(facts -> facts.tag().value()))
        .map(facts -> verdict(facts, judgements))
        .toList();
  }

  private static Verdict verdict(TagFacts facts, List<Judgement> judgements) {
    if (facts.isFixed()) {
      return new Verdict(facts, true, "", "The tag is immutable");
    }
    if (facts.isPinned()) {
      return new Verdict(facts, true, "", "The image is pinned");
    }
    List<String> removing = new ArrayList<>();
    for (Judgement judgement : judgements) {
      if (!judgement.about().contains(facts.tag())) {
        continue;
      }
      String reason = judgement.kept().get(facts.tag());
      if (reason != null) {
        return new Verdict(facts, true, judgement.rule(), reason);
      }
      removing.add(judgement.rule());
    }
    return removing.isEmpty()
        ? new Verdict(facts, true, "", "No rule is about the tag")
        : new Verdict(
            facts, false, String.join(", ", removing), "No rule that is about the tag keeps it");
  }

  /**
   * What a rule says of the tags of a repository.
   *
   * @param rule its name
   * @param about the tags that it is about
   * @param kept those that it keeps, and why
   */
  private record Judgement(String rule, Set<TagName> about, Map<TagName, String> kept) {}

  private record Rule(
      RetentionProperties.Rule settings,
      List<NamePattern> repositories,
      List<NamePattern> tags,
      List<NamePattern> except) {

    static Rule of(RetentionProperties.Rule settings) {
      return new Rule(
          settings,
          patterns(settings.repositories()),
          patterns(settings.tags()),
          patterns(settings.except()));
    }

    private static List<NamePattern> patterns(List<String> texts) {
      return texts.stream().map(NamePattern::new).toList();
    }

    boolean isAbout(RepositoryName repository) {
      return repositories.isEmpty() || matches(repositories, repository.toString());
    }

    private boolean isAbout(TagName tag) {
      return (tags.isEmpty() || matches(tags, tag.value())) && !matches(except, tag.value());
    }

    private static boolean matches(List<NamePattern> patterns, String name) {
      return patterns.stream().anyMatch(pattern -> pattern.matches(name));
    }

    Judgement judge(List<TagFacts> all, Instant now) {
      List<TagFacts> mine = all.stream().filter(facts -> isAbout(facts.tag())).toList();
      Set<TagName> newest = newest(mine);
      Set<TagName> versions = versions(mine);
      return new Judgement(
          settings.name(),
          mine.stream().map(TagFacts::tag).collect(Collectors.toCollection(HashSet::new)),
          mine.stream()
              .flatMap(
                  facts ->
                      reason(facts, newest, versions, now)
                          .map(reason -> Map.entry(facts.tag(), reason))
                          .stream())
              .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue)));
    }

    private Optional<String> reason(
        TagFacts facts, Set<TagName> newest, Set<TagName> versions, Instant now) {
      TagName tag = facts.tag();
      if (settings.always()) {
        return Optional.of("It is always kept");
      }
      if (newest.contains(tag)) {
        return Optional.of("It is one of the newest " + settings.newest());
      }
      if (versions.contains(tag)) {
        return Optional.of("It is one of the highest versions: " + settings.versions());
      }
      if (settings.pattern().filter(form -> form.matcher(tag.value()).matches()).isPresent()) {
        return Optional.of("Its name matches");
      }
      if (isWithin(facts.pushed(), settings.pushedWithin(), now)) {
        return Optional.of("It was pushed in the last " + settings.pushedWithin());
      }
      if (isWithin(facts.pulled(), settings.pulledWithin(), now)) {
        return Optional.of("It was pulled in the last " + settings.pulledWithin());
      }
      boolean needsPush = settings.newest() > 0 || !settings.pushedWithin().isZero();
      return needsPush && facts.pushed().isEmpty()
          ? Optional.of("It is not known when it was pushed")
          : Optional.empty();
    }

    private static boolean isWithin(Optional<Instant> time, Duration limit, Instant now) {
      return !limit.isZero() && time.filter(at -> !at.plus(limit).isBefore(now)).isPresent();
    }

    private Set<TagName> newest(List<TagFacts> mine) {
      Comparator<TagFacts> byPush =
          Comparator.comparing(facts -> facts.pushed().orElse(Instant.MIN));
      return mine.stream()
          .filter(facts -> facts.pushed().isPresent())
          .sorted(byPush.reversed().thenComparing(facts -> facts.tag().value()))
          .limit(settings.newest())
          .map(TagFacts::tag)
          .collect(Collectors.toSet());
    }

    private Set<TagName> versions(List<TagFacts> mine) {
      record Versioned(TagName tag, SemanticVersion version) {}
      return mine.stream()
          .flatMap(
              facts ->
                  SemanticVersion.find(facts.tag().value())
                      .map(version -> new Versioned(facts.tag(), version))
                      .stream())
          .sorted(
              Comparator.comparing(Versioned::version)
                  .reversed()
                  .thenComparing(versioned -> versioned.tag().value()))
          .limit(settings.versions())
          .map(Versioned::tag)
          .collect(Collectors.toSet());
    }
  }
}
