package io.registry.storage;

import java.util.List;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.function.Consumer;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * Measures a listing from its beginning to its end, without the time that the caller spends on each
 * entry, and notices a failure in the middle.
 */
final class MeasuredListing<V> extends Spliterators.AbstractSpliterator<V> {
  private final Spliterator<V> entries;
  private final MeasuredCall call;

  private MeasuredListing(Spliterator<V> entries, MeasuredCall call) {
    super(entries.estimateSize(), entries.characteristics() & ~Spliterator.SIZED);
    this.entries = entries;
    this.call = call;
  }

  /** Wraps a stream. */
  static <V> Stream<V> of(Stream<V> entries, MeasuredCall call) {
    return StreamSupport.stream(new MeasuredListing<>(entries.spliterator(), call), false)
        .onClose(
            () -> {
              try {
                entries.close();
              } finally {
                call.end();
              }
            });
  }

  @Override
  public boolean tryAdvance(Consumer<? super V> action) {
    long start = System.nanoTime();
    Taken<V> taken = new Taken<>();
    boolean more;
    try {
      more = entries.tryAdvance(taken);
      call.add(start);
    } catch (RuntimeException e) {
      call.addFailure(start, e);
      throw e;
    }
    if (more) {
      taken.forward(action);
    }
    return more;
  }

  private static final class Taken<V> implements Consumer<V> {
    private List<V> held = List.of();

    @Override
    public void accept(V entry) {
      held = List.of(entry);
    }

    void forward(Consumer<? super V> action) {
      held.forEach(action);
    }
  }
}
