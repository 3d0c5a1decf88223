package io.registry.contents;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.registry.problem.RegistryException;
import io.registry.storage.StorageException;
import java.util.List;

/** What an operator may know of lists and comparisons: see docs/contents.md. */
final class ContentsMeters {
  private static final String LISTINGS = "registry.contents.listings";
  private static final String DIFFS = "registry.contents.diffs";

  private final MeterRegistry registry;

  /**
   * The meters.
   *
   * @param registry takes them
   */
  ContentsMeters(MeterRegistry registry) {
    this.registry = registry;
    // A series that begins with the first failure is not seen to rise.
    for (String name : List.of(LISTINGS, DIFFS)) {
      for (String outcome : List.of("done", "refused", "abandoned", "store", "failed")) {
        Timer unused = registry.timer(name, "outcome", outcome);
      }
    }
  }

  /** Watches how many images wait to be compared. */
  void watch(DiffQueue queue) {
    Gauge.builder("registry.contents.queue", queue, DiffQueue::length).register(registry);
  }

  /** Measures how long it takes to list a layer, by how that ends. */
  void listing(Runnable work) {
    measure(LISTINGS, work);
  }

  /** Measures how long it takes to compare an image, by how that ends. */
  void diff(Runnable work) {
    measure(DIFFS, work);
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
