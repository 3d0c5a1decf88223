package io.registry.operations.health;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Checks all services that the registry depends on. */
public final class ServiceStatus {
  /** The timeout of the original for all its checks. */
  private static final Duration TIMEOUT = Duration.ofSeconds(10);

  private final List<ServiceCheck> checks;
  private final Executor executor;

  /**
   * Creates a status of services.
   *
   * @param checks one for each service
   * @param executor runs the checks, so that a hanging one does not block the caller
   */
  public ServiceStatus(List<ServiceCheck> checks, Executor executor) {
    this.checks = List.copyOf(checks);
    this.executor = executor;
  }

  /** The names of the services, sorted. */
  public List<String> services() {
    return checks.stream().map(ServiceCheck::name).sorted().toList();
  }

  /** Whether the registry works although the given services have failed. */
  public boolean isWorkingWithout(Set<String> services) {
    return checks.stream()
        .filter(ServiceCheck::isEssential)
        .map(ServiceCheck::name)
        .noneMatch(services::contains);
  }

  /**
   * Runs all checks concurrently, for up to ten seconds.
   *
   * @return the failures by service; empty when all services work
   */
  public Map<String, String> failures() {
    Map<String, CompletableFuture<Void>> running = new TreeMap<>();
    for (ServiceCheck check : checks) {
      running.put(
          check.name(),
          CompletableFuture.runAsync(check::run, executor)
              .orTimeout(TIMEOUT.toSeconds(), TimeUnit.SECONDS));
    }
    Map<String, String> failures = new TreeMap<>();
    running.forEach(
        (name, check) -> {
          try {
            check.join();
          } catch (CompletionException e) {
            failures.put(name, text(e));
          }
        });
    return failures;
  }

  private static String text(CompletionException e) {
    Throwable cause = e.getCause() == null ? e : e.getCause();
    return cause instanceof TimeoutException
        ? "no answer within " + TIMEOUT.toSeconds() + " seconds"
        : String.valueOf(cause.getMessage());
  }
}
