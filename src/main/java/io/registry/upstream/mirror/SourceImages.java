package io.registry.upstream.mirror;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.registry.content.image.ImageCopies;
import io.registry.content.image.ImageId;
import io.registry.platform.client.CallFailure;
import io.registry.platform.concurrent.SingleFlight;
import io.registry.platform.problem.RegistryException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Copies the descriptions of images from the source to the local store. Concurrent requests for an
 * image share one lookup.
 */
final class SourceImages {
  private static final Logger log = LoggerFactory.getLogger(SourceImages.class);
  private static final int MAX_REMEMBERED = 10_000;
  private static final Duration REMEMBERED_FOR = Duration.ofMinutes(5);

  private final V1Source source;
  private final ImageCopies copies;
  private final SingleFlight<ImageId, Look> singleFlight = new SingleFlight<>();
  private final Cache<ImageId, Look> known =
      Caffeine.newBuilder().maximumSize(MAX_REMEMBERED).expireAfterWrite(REMEMBERED_FOR).build();

  /** The result of a lookup at the source. */
  private record Look(Optional<SourceImage> image) {}

  SourceImages(V1Source source, ImageCopies copies) {
    this.source = source;
    this.copies = copies;
  }

  /**
   * Finds an image at the source and stores its description, unless it is stored already.
   *
   * @param id the image
   * @return the metadata of the image; empty when the source does not have it, has another image
   *     under the id than this registry, or does not answer
   */
  Optional<SourceImage> find(ImageId id) {
    return singleFlight
        .get(
            id,
            () -> Optional.ofNullable(known.getIfPresent(id)),
            () -> {
              Look look = new Look(look(id));
              if (look.image().isPresent()) {
                known.put(id, look);
              }
              return look;
            })
        .image();
  }

  /**
   * The description of an image whose layer is not in the local store; asks the source when there
   * is none.
   */
  Optional<ImageCopies.Description> description(ImageId id) {
    return copies.find(id).or(() -> find(id).flatMap(image -> copies.find(id)));
  }

  /** Forgets the cached answer, so that the source is asked again. */
  void forget(ImageId id) {
    known.invalidate(id);
  }

  private Optional<SourceImage> look(ImageId id) {
    try {
      return source.describe(id).filter(image -> isHere(id, image)).map(image -> image.facts());
    } catch (CallFailure e) {
      return Optional.empty();
    } catch (RegistryException e) {
      log.warn("The image {} of the source is refused: {}", id, e.getMessage());
      return Optional.empty();
    }
  }

  private boolean isHere(ImageId id, V1Source.Described image) {
    Optional<List<ImageId>> ancestry =
        copies.find(id).map(ImageCopies.Description::ancestry).or(() -> source.ancestry(id));
    boolean here =
        ancestry.isPresent()
            && copies.describe(
                id,
                new ImageCopies.Description(
                    image.json(), ancestry.get(), image.facts().checksums()));
    if (ancestry.isPresent() && !here) {
      log.warn("The source has another image of the id {}", id);
    }
    return here;
  }
}
