package io.registry.content.files;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.registry.content.image.ContentFiles.Kind;
import io.registry.content.image.ImageId;
import io.registry.content.image.ImageReader;
import io.registry.platform.problem.Problem;
import io.registry.platform.problem.RegistryException;
import io.registry.platform.problem.RetryLaterException;
import io.registry.storage.Blob;
import io.registry.storage.BlobInfo;
import io.registry.storage.ByteRange;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The listings of layers: made on first demand, and kept in the store. One thread at a time lists a
 * layer, for all requests. The reason why a layer cannot be listed is cached for a while, so that
 * the layer is not read again for each request.
 */
final class Listings {
  private static final Logger log = LoggerFactory.getLogger(Listings.class);
  private static final Duration REFUSED_FOR = Duration.ofHours(1);
  private static final int REFUSALS = 10_000;
  private static final Duration COME_AGAIN = Duration.ofSeconds(10);
  private static final Duration LOOK_UP = Duration.ofMillis(200);

  /** Up to how many times a listing starts again because the image was replaced meanwhile. */
  private static final int ATTEMPTS = 5;

  private final ImageReader images;
  private final StoredDocuments documents;
  private final LayerFiles layers;
  private final ContentsMeters meters;
  private final Map<ImageId, CompletableFuture<Boolean>> flights = new ConcurrentHashMap<>();
  private final Cache<Layer, String> refusals =
      Caffeine.newBuilder().maximumSize(REFUSALS).expireAfterWrite(REFUSED_FOR).build();

  private record Layer(ImageId image, String version) {}

  /**
   * Creates the listings.
   *
   * @param images reads the images
   * @param documents stores the listings
   * @param layers lists layers
   * @param meters the metrics
   */
  Listings(
      ImageReader images, StoredDocuments documents, LayerFiles layers, ContentsMeters meters) {
    this.images = images;
    this.documents = documents;
    this.layers = layers;
    this.meters = meters;
  }

  /**
   * Opens the listing of an image, for a client.
   *
   * @param id the image
   * @param executor where the layer is listed if necessary; may reject
   * @param patience how long to wait for that
   * @return the listing, which the caller closes
   * @throws RegistryException when there is no such image, it is being uploaded, its layer cannot
   *     be listed, or not within {@code patience}
   */
  Blob open(ImageId id, Executor executor, Duration patience) {
    BooleanSupplier unlessStopped = () -> !Thread.currentThread().isInterrupted();
    for (int attempt = 1; attempt <= ATTEMPTS; attempt++) {
      BlobInfo layer = images.layerInfo(id);
      Optional<Blob> list = documents.open(id, Kind.FILES);
      if (list.isPresent()) {
        return list.get();
      }
      documents.requireRoom();
      requireListable(id, layer.version());
      try {
        await(join(id, executor, unlessStopped), patience);
      } catch (RejectedExecutionException e) {
        throw later("Too many layers are being listed, retry later");
      } catch (TimeoutException e) {
        throw later("The layer is being listed, retry later");
      } catch (AbandonedException e) {
        log.debug(
            "The listing of the layer of {} was cancelled by the thread that had begun it", id);
      }
    }
    throw later("The layer could not be listed, retry later");
  }

  /**
   * Opens the listing of an image; makes it in this thread if necessary, however long that takes.
   *
   * @param id the image
   * @param wanted whether to go on
   * @return the listing, which the caller closes
   * @throws RegistryException as above
   * @throws AbandonedException when the work is cancelled
   */
  Blob open(ImageId id, BooleanSupplier wanted) {
    for (int attempt = 1; attempt <= ATTEMPTS; attempt++) {
      BlobInfo layer = images.layerInfo(id);
      Optional<Blob> list = documents.open(id, Kind.FILES);
      if (list.isPresent()) {
        return list.get();
      }
      requireListable(id, layer.version());
      CompletableFuture<Boolean> flight = join(id, Runnable::run, wanted);
      while (!isOver(flight)) {
        if (!wanted.getAsBoolean()) {
          throw new AbandonedException();
        }
      }
    }
    throw later("The layer could not be listed, retry later");
  }

  private static boolean isOver(CompletableFuture<Boolean> flight) {
    try {
      await(flight, LOOK_UP);
      return true;
    } catch (TimeoutException e) {
      return false;
    }
  }

  private static void await(CompletableFuture<Boolean> flight, Duration patience)
      throws TimeoutException {
    try {
      flight.get(patience.toNanos(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AbandonedException();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException failure) {
        throw failure;
      }
      throw new IllegalStateException("A layer could not be listed", e.getCause());
    }
  }

  private static RetryLaterException later(String text) {
    return new RetryLaterException(Problem.UNAVAILABLE, text, COME_AGAIN);
  }

  private CompletableFuture<Boolean> join(ImageId id, Executor executor, BooleanSupplier wanted) {
    CompletableFuture<Boolean> mine = new CompletableFuture<>();
    CompletableFuture<Boolean> others = flights.putIfAbsent(id, mine);
    if (others != null) {
      return others;
    }
    try {
      executor.execute(() -> fly(id, wanted, mine));
    } catch (RejectedExecutionException e) {
      land(id, mine, Optional.of(e));
    }
    return mine;
  }

  private void fly(ImageId id, BooleanSupplier wanted, CompletableFuture<Boolean> flight) {
    try {
      meters.listing(() -> list(id, wanted));
      land(id, flight, Optional.empty());
    } catch (RuntimeException | Error e) {
      land(id, flight, Optional.of(e));
    }
  }

  // A request after this moment looks into the store first.
  private void land(ImageId id, CompletableFuture<Boolean> flight, Optional<Throwable> failure) {
    flights.remove(id, flight);
    if (failure.isPresent()) {
      flight.completeExceptionally(failure.get());
    } else {
      flight.complete(true);
    }
  }

  private void list(ImageId id, BooleanSupplier wanted) {
    if (documents.has(id, Kind.FILES)) {
      return;
    }
    try (Blob layer = images.layer(id, ByteRange.ALL)) {
      String version = layer.version();
      try {
        documents.write(id, Kind.FILES, version, out -> layers.list(layer.body(), wanted, out));
      } catch (RegistryException e) {
        refusals.put(new Layer(id, version), e.getMessage());
        throw e;
      }
    }
  }

  private void requireListable(ImageId id, String version) {
    String refusal = refusals.getIfPresent(new Layer(id, version));
    if (refusal != null) {
      throw new RegistryException(Problem.INVALID, refusal);
    }
  }
}
