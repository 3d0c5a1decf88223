package io.registry.features.search;

import io.registry.access.auth.RepositoryVisibility;
import io.registry.content.repository.Repositories;
import io.registry.content.repository.RepositoryName;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/** Reads the state and the visibility of repositories from the store. */
final class StoreReader {
  /** How many repositories are read concurrently; more would slow down pulls. */
  private static final int PARTS = 8;

  private final Repositories repositories;
  private final RepositoryVisibility visibility;
  private final Executor executor;

  StoreReader(Repositories repositories, RepositoryVisibility visibility, Executor executor) {
    this.repositories = repositories;
    this.visibility = visibility;
    this.executor = executor;
  }

  /**
   * The result of reading a repository.
   *
   * @param hint the repository
   * @param finding its state
   * @param failure why it could not be read
   */
  record Look(
      ChangedRepositories.Hint hint,
      Optional<FoundRepository> finding,
      Optional<RuntimeException> failure) {}

  /** Reads one repository. */
  FoundRepository at(ChangedRepositories.Hint hint) {
    RepositoryName repository = hint.repository();
    boolean present = repositories.exists(repository);
    return new FoundRepository(
        repository, present, present && visibility.isPrivate(repository), hint.wasRemoved());
  }

  /** Reads several repositories concurrently, and returns a result for each. */
  List<Look> at(List<ChangedRepositories.Hint> changed) {
    int part = Math.max(1, (changed.size() + PARTS - 1) / PARTS);
    List<CompletableFuture<List<Look>>> parts = new ArrayList<>();
    for (int from = 0; from < changed.size(); from += part) {
      List<ChangedRepositories.Hint> some =
          changed.subList(from, Math.min(from + part, changed.size()));
      parts.add(
          CompletableFuture.supplyAsync(() -> some.stream().map(this::attempt).toList(), executor));
    }
    return parts.stream().flatMap(looks -> looks.join().stream()).toList();
  }

  private Look attempt(ChangedRepositories.Hint hint) {
    try {
      return new Look(hint, Optional.of(at(hint)), Optional.empty());
    } catch (RuntimeException e) {
      return new Look(hint, Optional.empty(), Optional.of(e));
    }
  }
}
