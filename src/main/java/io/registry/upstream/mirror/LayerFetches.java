package io.registry.upstream.mirror;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.registry.platform.problem.Problem;
import io.registry.platform.problem.RegistryException;
import io.registry.platform.trace.Traces;
import io.registry.storage.Blob;
import io.registry.storage.BlobInfo;
import io.registry.storage.ByteRange;
import io.registry.storage.StreamedBlob;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * The layers that are being fetched from the source, each of them once for all clients. A fetch has
 * a thread of its own: a slow client does not delay it, and a client that disconnects does not end
 * it.
 */
final class LayerFetches implements AutoCloseable {
  private static final int MAX_WAITING = 1_000;
  private static final int KEEP_ALIVE_SECONDS = 30;
  private static final int MAX_FAILED = 10_000;

  /**
   * How long a failed fetch is not repeated: less than the five seconds after which daemons try
   * again (protocol 9.5).
   */
  private static final Duration FAILED_FOR = Duration.ofSeconds(2);

  private final LayerFetch.Parts parts;
  private final Duration patience;
  private final Clock clock;
  private final Traces traces;
  private final ThreadPoolExecutor threads;
  private final ConcurrentMap<Object, LayerFetch> running = new ConcurrentHashMap<>();
  private final Cache<Object, Instant> failed =
      Caffeine.newBuilder().maximumSize(MAX_FAILED).build();

  LayerFetches(LayerFetch.Parts parts, MirrorProperties settings, Clock clock, Traces traces) {
    this.traces = traces;
    this.parts = parts;
    this.patience = settings.idleTimeout().plus(settings.timeout());
    this.clock = clock;
    this.threads =
        new ThreadPoolExecutor(
            settings.fetches(),
            settings.fetches(),
            KEEP_ALIVE_SECONDS,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(MAX_WAITING),
            task -> {
              Thread thread = new Thread(task, "mirror-fetch");
              thread.setDaemon(true);
              return thread;
            });
    threads.allowCoreThreadTimeOut(true);
    parts.meters().watch("fetching", running::size);
    parts.meters().watch("spool", parts.spool()::used);
  }

  /**
   * The size of a layer that is being fetched; empty when it is not, or when the size is not known.
   */
  Optional<Long> size(Object key) {
    return Optional.ofNullable(running.get(key)).flatMap(LayerFetch::sizeSoFar);
  }

  /**
   * Opens a layer that is not in the local store, and starts to fetch it unless that has begun.
   *
   * @param wanted the layer
   * @param range the bytes wanted
   * @return the layer while it arrives; empty when it is in the local store by now
   * @throws RegistryException {@link Fetched#refusal} when it cannot be fetched, {@code
   *     UNAVAILABLE} when too many others are fetched
   * @throws io.registry.storage.UnsatisfiableRangeException when the layer ends before the range
   */
  Optional<Blob> open(Fetched wanted, ByteRange range) {
    LayerFetch fetch = join(wanted);
    boolean opened = false;
    try {
      Optional<Long> size = fetch.awaitHead(patience);
      if (size.isEmpty()) {
        return Optional.empty();
      }
      BlobInfo info = new BlobInfo(size.get(), "");
      if (!info.isSizeKnown() && !range.equals(ByteRange.ALL)) {
        awaitEnd(fetch);
        return Optional.empty();
      }
      Blob blob =
          new StreamedBlob(
              info, range, fetch.file().read(range.offset(info.size()), range.length(info.size())));
      opened = true;
      return Optional.of(blob);
    } finally {
      if (!opened) {
        fetch.file().leave();
      }
    }
  }

  private static void awaitEnd(LayerFetch fetch) {
    try {
      fetch.file().await(Long.MAX_VALUE);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UncheckedIOException(new InterruptedIOException("interrupted while it came"));
    }
  }

  /**
   * Fetches layers that are not in the local store, at the same time. When this returns, all are.
   *
   * @throws RegistryException as {@link #open}
   */
  void fetch(List<? extends Fetched> wanted) {
    List<LayerFetch> fetches = new ArrayList<>();
    try {
      wanted.forEach(each -> fetches.add(join(each)));
      fetches.forEach(LayerFetches::awaitEnd);
    } finally {
      fetches.forEach(fetch -> fetch.file().leave());
    }
  }

  private LayerFetch join(Fetched wanted) {
    Instant until = failed.getIfPresent(wanted.key());
    if (until != null && clock.instant().isBefore(until)) {
      throw wanted.refusal();
    }
    return running.compute(
        wanted.key(),
        (key, before) -> before != null && before.file().enter() ? before : begin(wanted));
  }

  private LayerFetch begin(Fetched wanted) {
    Runnable absent = () -> failed.put(wanted.key(), clock.instant().plus(FAILED_FOR));
    LayerFetch fetch = new LayerFetch(wanted, parts, absent);
    fetch.file().enter();
    try {
      threads.execute(traces.carried(() -> run(fetch)));
    } catch (RejectedExecutionException e) {
      throw new RegistryException(
          Problem.UNAVAILABLE, "Too many layers are being fetched at the moment", e);
    }
    return fetch;
  }

  private void run(LayerFetch fetch) {
    try {
      fetch.run();
    } finally {
      running.remove(fetch.wanted().key(), fetch);
      fetch.file().leave();
    }
  }

  /** Aborts all fetches. */
  @Override
  public void close() {
    threads.shutdownNow();
  }
}
