package io.registry.upstream.mirror;

import io.registry.platform.client.CallFailure;
import io.registry.platform.client.CallFailure.Kind;
import io.registry.platform.concurrent.Deadline;
import io.registry.platform.problem.Problem;
import io.registry.platform.problem.RegistryException;
import io.registry.storage.BlobInfo;
import io.registry.storage.StorageException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Fetches one layer from the source, for all clients that want it. The layer is stored only if its
 * length and checksum are right, and only then do clients get its last bytes: a client that
 * receives a whole layer has received what was stored.
 */
final class LayerFetch {
  private static final Logger log = LoggerFactory.getLogger(LayerFetch.class);

  private final Fetched wanted;
  private final Parts parts;
  private final SpoolFile file;
  private final CompletableFuture<Optional<Long>> head = new CompletableFuture<>();
  private final Runnable absent;

  /** The objects that all fetches share. */
  record Parts(Spool spool, Duration idle, Duration longest, MirrorMeters meters) {}

  /**
   * Creates a fetch that has not begun.
   *
   * @param wanted the layer
   * @param parts the shared objects
   * @param absent runs when the source cannot deliver the layer
   */
  LayerFetch(Fetched wanted, Parts parts, Runnable absent) {
    this.absent = absent;
    this.wanted = wanted;
    this.parts = parts;
    this.file = new SpoolFile(parts.spool());
  }

  Fetched wanted() {
    return wanted;
  }

  /** The file that the layer is written to; call {@link SpoolFile#enter} before reading it. */
  SpoolFile file() {
    return file;
  }

  /** The size, if it is known already. */
  Optional<Long> sizeSoFar() {
    return head.isDone() && !head.isCompletedExceptionally() ? head.join() : Optional.empty();
  }

  /**
   * Waits until the source has begun to send.
   *
   * @return the size, or {@link BlobInfo#UNKNOWN_SIZE}; empty when the layer has been stored
   *     meanwhile
   * @throws RegistryException when the layer cannot be fetched, or the source has not begun in time
   */
  Optional<Long> awaitHead(Duration longest) {
    try {
      return head.get(longest.toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      throw new RegistryException(
          Problem.UNAVAILABLE, "Too many layers are being fetched at the moment", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RegistryException(Problem.UNAVAILABLE, "The registry is being stopped", e);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof RuntimeException failure ? failure : wanted.refusal();
    }
  }

  /** Fetches the layer, or fails for all clients that wait. */
  void run() {
    long start = System.nanoTime();
    boolean here = false;
    try {
      here = fetch();
    } catch (StorageException e) {
      log.warn("The layer {} could not be stored: {}", wanted.key(), e.getMessage());
      fail(new RegistryException(Problem.UNAVAILABLE, "The layer could not be kept"), false);
    } catch (RegistryException e) {
      warn(e);
      boolean isBusy = e.problem() == Problem.UNAVAILABLE;
      fail(isBusy ? busy(e) : wanted.refusal(), !isBusy);
    } catch (CallFailure | IOException e) {
      warn(e);
      fail(wanted.refusal(), true);
    } catch (RuntimeException | Error e) {
      log.error("The layer {} could not be fetched from the source", wanted.key(), e);
      fail(wanted.refusal(), true);
    } finally {
      parts.meters().fetched(here ? "kept" : "failed", System.nanoTime() - start);
    }
  }

  private void warn(Exception reason) {
    log.warn(
        "The layer {} could not be fetched from the source: {}", wanted.key(), reason.getMessage());
  }

  private void fail(RuntimeException why, boolean isAbsent) {
    // Runs before the waiting clients are told, so that a client which asks again finds the absence
    // cached.
    if (isAbsent) {
      absent.run();
    }
    wanted.failed();
    head.completeExceptionally(why);
    file.fail(why);
  }

  // The exception has no cause (the cause is logged), because Spring treats an exception that is
  // caused by a broken connection as a client that has disconnected, and would end the answer
  // normally.
  private static RegistryException busy(RegistryException why) {
    return new RegistryException(Problem.UNAVAILABLE, why.getMessage());
  }

  private boolean fetch() throws IOException {
    if (wanted.isHere()) {
      head.complete(Optional.empty());
      file.complete();
      return true;
    }
    OptionalLong told = wanted.told();
    try (SourceAnswer answer = wanted.ask();
        Fetched.Copy copy = wanted.copy()) {
      requireVerifiable(answer);
      long size = answer.length().orElse(told.orElse(BlobInfo.UNKNOWN_SIZE));
      file.open(size);
      head.complete(Optional.of(size));
      long count = receive(answer, copy, size);
      copy.verify(count, file::again);
      copy.commit();
    }
    file.complete();
    return true;
  }

  private void requireVerifiable(SourceAnswer answer) {
    if (answer.isEncoded()) {
      throw new CallFailure(Kind.ANSWER, "it sends it in an encoding that was not asked for");
    }
    if (!answer.hasEnd() && !wanted.isVerifiable()) {
      throw new CallFailure(Kind.ANSWER, "it tells neither its length nor a checksum");
    }
  }

  private long receive(SourceAnswer answer, Fetched.Copy copy, long size) throws IOException {
    Deadline deadline = Deadline.in(parts.longest());
    long count = 0;
    List<ByteBuffer> some = next(answer, deadline);
    while (!some.isEmpty()) {
      for (ByteBuffer part : some) {
        byte[] bytes = new byte[part.remaining()];
        part.get(bytes);
        count += bytes.length;
        if (size >= 0 && count > size) {
          throw new IOException("it is longer than " + size + " bytes");
        }
        copy.write(bytes, 0, bytes.length);
        file.write(bytes, 0, bytes.length);
        parts.meters().received(bytes.length);
      }
      some = next(answer, deadline);
    }
    if (size >= 0 && count != size) {
      throw new IOException("it has %d bytes instead of %d".formatted(count, size));
    }
    return count;
  }

  private List<ByteBuffer> next(SourceAnswer answer, Deadline deadline) throws IOException {
    return answer.body().next(Math.min(parts.idle().toNanos(), deadline.nanosLeft()));
  }
}
