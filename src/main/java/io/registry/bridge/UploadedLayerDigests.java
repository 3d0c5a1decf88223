package io.registry.bridge;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.registry.content.files.AbandonedException;
import io.registry.content.files.LayerScanner;
import io.registry.content.files.ScannedLayer;
import io.registry.content.files.UnreadableLayerException;
import io.registry.content.image.Checksum;
import io.registry.content.image.ImageId;
import io.registry.content.image.LayerWatch;
import io.registry.platform.problem.RegistryException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds out the digests of layers while clients send them, so that nothing has to be read again. A
 * layer that comes in faster than it can be unpacked is left alone: its digests are found out after
 * the push, from the store.
 */
public final class UploadedLayerDigests implements ArrivedLayers {
  private static final Logger log = LoggerFactory.getLogger(UploadedLayerDigests.class);

  /** So many blocks may wait to be unpacked: up to 1 MiB for each layer. */
  private static final int WAITING = 16;

  private static final int REMEMBERED = 10_000;
  private static final long PATIENCE_SECONDS = 60;
  private static final byte[] END = {};

  private final LayerScanner scanner;
  private final Executor executor;
  private final Cache<Arrival, CompletableFuture<ScannedLayer>> scans =
      Caffeine.newBuilder().maximumSize(REMEMBERED).build();

  /** A layer that has arrived for an image, told by the checksum of both together. */
  private record Arrival(ImageId image, Checksum checksum) {}

  /**
   * Watches layers.
   *
   * @param scanner reads them
   * @param executor runs scans; it refuses one when too many are under way
   */
  UploadedLayerDigests(LayerScanner scanner, Executor executor) {
    this.scanner = scanner;
    this.executor = executor;
  }

  /**
   * Watches a layer that begins to come in.
   *
   * @return the watch, which the caller closes
   */
  public LayerWatch watch(ImageId image) {
    Watch watch = new Watch(image);
    try {
      executor.execute(watch::scan);
      return watch;
    } catch (RejectedExecutionException e) {
      return LayerWatch.NONE;
    }
  }

  @Override
  public Optional<ScannedLayer> take(ImageId image, List<Checksum> checksums) {
    for (Checksum checksum : checksums) {
      CompletableFuture<ScannedLayer> scan = scans.asMap().remove(new Arrival(image, checksum));
      if (scan != null) {
        try {
          return Optional.of(scan.get(PATIENCE_SECONDS, TimeUnit.SECONDS));
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
          log.debug("The layer of {} is read from the store: {}", image, e.toString());
        }
      }
    }
    return Optional.empty();
  }

  private final class Watch implements LayerWatch {
    private final ImageId image;
    private final BlockingQueue<byte[]> blocks = new ArrayBlockingQueue<>(WAITING);
    private final CompletableFuture<ScannedLayer> result = new CompletableFuture<>();
    private volatile boolean abandoned;
    private boolean arrived;

    Watch(ImageId image) {
      this.image = image;
    }

    @Override
    public void seen(byte[] bytes, int offset, int length) {
      if (!abandoned && length > 0) {
        abandoned = !blocks.offer(Arrays.copyOfRange(bytes, offset, offset + length));
      }
    }

    @Override
    public void arrived(Collection<Checksum> checksums) {
      // Waiting blocks are few: a full queue says that the scan is behind.
      abandoned |= !blocks.offer(END);
      arrived = !abandoned;
      if (arrived) {
        checksums.forEach(sum -> scans.put(new Arrival(image, sum), result));
      }
    }

    @Override
    public void close() {
      abandoned |= !arrived;
    }

    private void scan() {
      try (InputStream in = new Blocks()) {
        result.complete(scanner.scan(in, () -> !abandoned));
      } catch (UnreadableLayerException | RegistryException | AbandonedException e) {
        // The layer is read from the store when it is asked for, and refused there if need be.
        result.completeExceptionally(e);
      } catch (IOException | RuntimeException | Error e) {
        result.completeExceptionally(e);
        throw new IllegalStateException("The layer of " + image + " could not be watched", e);
      }
    }

    /** The blocks as a stream. */
    private final class Blocks extends InputStream {
      private byte[] block = {};
      private int next;
      private boolean ended;

      @Override
      public int read() {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
      }

      @Override
      public int read(byte[] bytes, int offset, int length) {
        while (!ended && next == block.length) {
          take();
        }
        if (ended) {
          return -1;
        }
        int count = Math.min(length, block.length - next);
        System.arraycopy(block, next, bytes, offset, count);
        next += count;
        return count;
      }

      private void take() {
        try {
          byte[] taken = blocks.poll(1, TimeUnit.SECONDS);
          if (abandoned) {
            throw new AbandonedException();
          }
          if (taken != null) {
            block = taken;
            next = 0;
            ended = taken == END;
          }
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          throw new AbandonedException();
        }
      }
    }
  }
}
