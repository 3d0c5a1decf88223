package io.registry.content.repository;

import java.util.List;

/** Decides by configured patterns which tags may neither be moved nor removed. */
public final class ImmutableTags implements TagRule {
  private final List<Rule> rules;

  /**
   * Creates the rules.
   *
   * @param settings the patterns
   * @throws IllegalArgumentException when a pattern is empty
   */
  public ImmutableTags(TagProperties settings) {
    this.rules = settings.immutable().stream().map(Rule::of).toList();
  }

  @Override
  public boolean isImmutable(RepositoryName repository, TagName tag) {
    return rules.stream().anyMatch(rule -> rule.covers(repository, tag));
  }

  private record Rule(
      List<NamePattern> repositories, List<NamePattern> tags, List<NamePattern> except) {

    static Rule of(TagProperties.Immutable rule) {
      return new Rule(
          patterns(rule.repositories()), patterns(rule.tags()), patterns(rule.except()));
    }

    private static List<NamePattern> patterns(List<String> texts) {
      return texts.stream().map(NamePattern::new).toList();
    }

    boolean covers(RepositoryName repository, TagName tag) {
      return (repositories.isEmpty() || matches(repositories, repository.toString()))
          && (tags.isEmpty() || matches(tags, tag.value()))
          && !matches(except, tag.value());
    }

    private static boolean matches(List<NamePattern> patterns, String name) {
      return patterns.stream().anyMatch(pattern -> pattern.matches(name));
    }
  }
}
