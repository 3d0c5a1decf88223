package io.registry.contents;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.registry.problem.RegistryException;
import io.registry.storage.StorageException;

/** What an operator may know of lists and comparisons: see docs/contents.md. */
final class ContentsMeters {
  private final MeterRegistry registry;

  /**
   * The meters.
   *
   * @param registry takes them
   */
  ContentsMeters(MeterRegistry registry) {
    this.registry = registry;
  }

  /** Watches how many images wait to be compared. */
  void watch(DiffQueue queue) {
    Gauge.builder("registry.contents.queue", queue, DiffQueue::length).register(registry);
  }

  /** Measures how long it takes to list a layer, by how that ends. */
  void listing(Runnable work) {
    measure("registry.contents.listings", work);
  }

  /** Measures how long it takes to compare an image, by how that ends. */
  void diff(Runnable work) {
    measure("registry.contents.diffs", work);
  }

  private void measure(String name, Runnable work) {
    Timer.Sample sample = Timer.start(registry);
    String outcome = "failed";
    try {
      work.run();
      outcome = "done";
    } catch (RegistryException e) {
      outcome = "refused";
      throw e;
    } catch (AbandonedException e) {
      outcome = "abandoned";
      throw e;
    } catch (StorageException e) {
      outcome = "store";
      throw e;
    } finally {
      long unused = sample.stop(registry.timer(name, "outcome", outcome));
    }
  }
}
