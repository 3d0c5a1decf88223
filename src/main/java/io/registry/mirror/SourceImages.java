package io.registry.mirror;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.registry.cache.SingleFlight;
import io.registry.image.ImageCopies;
import io.registry.image.ImageId;
import io.registry.problem.RegistryException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Describes images here as the source describes them. Those who ask for one at the same time share
 * one look at the source.
 */
final class SourceImages {
  private static final Logger log = LoggerFactory.getLogger(SourceImages.class);
  private static final int MAX_REMEMBERED = 10_000;
  private static final Duration REMEMBERED_FOR = Duration.ofMinutes(5);

  private final SourceRegistry source;
  private final ImageCopies copies;
  private final SingleFlight<ImageId, Look> singleFlight = new SingleFlight<>();
  private final Cache<ImageId, Look> known =
      Caffeine.newBuilder().maximumSize(MAX_REMEMBERED).expireAfterWrite(REMEMBERED_FOR).build();

  /** What a look at the source has found. */
  private record Look(Optional<SourceImage> image) {}

  SourceImages(SourceRegistry source, ImageCopies copies) {
    this.source = source;
    this.copies = copies;
  }

  /**
   * Finds an image at the source and describes it here, if it is not described yet.
   *
   * @param id the image
   * @return what the source says of it; nothing when it has none that is the image of that id here,
   *     or does not answer
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

  /** What is known of an image whose layer is not here; asks the source when nothing is. */
  Optional<ImageCopies.Description> description(ImageId id) {
    return copies.find(id).or(() -> find(id).flatMap(image -> copies.find(id)));
  }

  /** Forgets what the source said: it is asked again the next time. */
  void forget(ImageId id) {
    known.invalidate(id);
  }

  private Optional<SourceImage> look(ImageId id) {
    try {
      return source.describe(id).filter(image -> isHere(id, image)).map(image -> image.facts());
    } catch (SourceFailure e) {
      return Optional.empty();
    } catch (RegistryException e) {
      log.warn("The image {} of the source is not taken: {}", id, e.getMessage());
      return Optional.empty();
    }
  }

  private boolean isHere(ImageId id, SourceRegistry.Described image) {
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
