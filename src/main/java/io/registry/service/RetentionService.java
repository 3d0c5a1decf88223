package io.registry.service;

import io.registry.content.image.ImageId;
import io.registry.content.repository.Pins;
import io.registry.content.repository.Repositories;
import io.registry.content.repository.RepositoryName;
import io.registry.content.repository.TagName;
import io.registry.content.repository.TagState;
import io.registry.content.repository.Tags;
import io.registry.content.retention.RetentionRules;
import io.registry.content.retention.TagFacts;
import io.registry.content.retention.TagPulls;
import io.registry.content.retention.Verdict;
import io.registry.platform.problem.Problem;
import io.registry.platform.problem.RegistryException;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.stereotype.Service;

/**
 * Applies the rules of retention: removes the tags that none of the rules about them keeps. What is
 * removed goes to the trash.
 */
@Service
public class RetentionService {
  private static final Logger log = LoggerFactory.getLogger(RetentionService.class);

  private final RetentionRules rules;
  private final Repositories repositories;
  private final Tags tags;
  private final TagPulls pulls;
  private final Pins pins;
  private final Clock clock;

  RetentionService(
      RetentionRules rules,
      Repositories repositories,
      @Qualifier("localTags") Tags tags,
      TagPulls pulls,
      Pins pins,
      Clock clock) {
    this.rules = rules;
    this.repositories = repositories;
    this.tags = tags;
    this.pulls = pulls;
    this.pins = pins;
    this.clock = clock;
  }

  /**
   * What the rules say of each tag of a repository. Removes nothing.
   *
   * @throws RegistryException {@code NOT_FOUND} when there is no such repository
   */
  public List<Verdict> judge(RepositoryName repository) {
    return find(repository)
        .orElseThrow(() -> new RegistryException(Problem.NOT_FOUND, "Repository not found"));
  }

  private Optional<List<Verdict>> find(RepositoryName repository) {
    return tags.list(repository)
        .map(
            found ->
                rules.judge(
                    repository,
                    found.entrySet().stream()
                        .flatMap(tag -> facts(repository, tag.getKey(), tag.getValue()).stream())
                        .toList(),
                    clock.instant()));
  }

  private Optional<TagFacts> facts(RepositoryName repository, String name, ImageId image) {
    return TagName.find(name)
        .map(
            tag ->
                new TagFacts(
                    tag,
                    image,
                    tags.metadata(repository, tag).lastUpdate(),
                    pulls.last(repository, tag),
                    repositories.isImmutable(repository, tag),
                    isPinned(repository, tag, image)));
  }

  private boolean isPinned(RepositoryName repository, TagName tag, ImageId image) {
    return pins.isPinned(image)
        || tags.state(repository, tag)
            .flatMap(TagState::manifest)
            .filter(digest -> pins.isPinned(repository, digest))
            .isPresent();
  }

  /**
   * Judges all tags of all repositories that rules are about.
   *
   * @param isDryRun whether nothing is to be removed
   * @param judged gets each verdict after the tag was removed, if it was; a tag that changed
   *     meanwhile is left alone, and is left out
   */
  public void apply(boolean isDryRun, BiConsumer<RepositoryName, Verdict> judged) {
    try (Stream<RepositoryName> names = repositories.names()) {
      names.distinct().filter(rules::isAbout).forEach(name -> apply(name, isDryRun, judged));
    }
  }

  /** The same for one repository, which need not exist. */
  public void apply(
      RepositoryName repository, boolean isDryRun, BiConsumer<RepositoryName, Verdict> judged) {
    pulls.flush();
    for (Verdict verdict : find(repository).orElse(List.of())) {
      if (verdict.isKept() || isDryRun || remove(repository, verdict)) {
        judged.accept(repository, verdict);
      }
    }
  }

  private boolean remove(RepositoryName repository, Verdict verdict) {
    TagFacts facts = verdict.facts();
    boolean isRemoved =
        tags.removeIf(
            repository,
            facts.tag(),
            image ->
                image.equals(facts.image())
                    && sameTimes(repository, facts, pulls.last(repository, facts.tag())));
    if (isRemoved) {
      log.info(
          "{}:{} was removed by the rules of retention: {}",
          repository,
          facts.tag(),
          verdict.rule());
      pulls.forget(repository, facts.tag());
    }
    return isRemoved;
  }

  // A client may have pushed the same image again, or pulled it. The removal itself removes the
  // time
  // of the push before it looks for the last time.
  private boolean sameTimes(RepositoryName repository, TagFacts facts, Optional<Instant> pulled) {
    Optional<Instant> pushed = tags.metadata(repository, facts.tag()).lastUpdate();
    return (pushed.isEmpty() || pushed.equals(facts.pushed())) && pulled.equals(facts.pulled());
  }
}
