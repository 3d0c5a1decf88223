package io.registry.content.files;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.registry.platform.problem.RegistryException;
import io.registry.storage.StorageException;
import java.util.List;

/** Metrics of the listings and comparisons: see docs/contents.md. */
final class ContentsMeters {
  private static final String LISTINGS = "registry.contents.listings";
  private static final String DIFFS = "registry.contents.diffs";

  private final MeterRegistry registry;

  /**
   * Creates the metrics.
   *
   * @param registry the registry of the metrics
   */
  ContentsMeters(MeterRegistry registry) {
    this.registry = registry;
    // Registers the series at the start: one that begins with the first failure would show no
    // increase.
    for (String name : List.of(LISTINGS, DIFFS)) {
      for (String outcome : List.of("done", "refused", "abandoned", "store", "failed")) {
        registry.timer(name, "outcome", outcome);
      }
    }
  }

  /** Registers the gauge of the queue's length. */
  void watch(DiffQueue queue) {
    Gauge.builder("registry.contents.queue", queue, DiffQueue::length).register(registry);
  }

  /** Measures the listing of a layer, by outcome. */
  void listing(Runnable work) {
    measure(LISTINGS, work);
  }

  /** Measures the comparison of an image, by outcome. */
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
      sample.stop(registry.timer(name, "outcome", outcome));
    }
  }
}
