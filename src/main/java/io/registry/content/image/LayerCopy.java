package io.registry.content.image;

import io.registry.platform.problem.Problem;
import io.registry.platform.problem.RegistryException;
import io.registry.storage.BlobKey;
import io.registry.storage.BlobWriter;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Stores the layer of an image of another registry. Readers see none of it before it is committed.
 * For one thread at a time.
 */
public final class LayerCopy implements AutoCloseable {
  private final StagingPlace place;
  private final ImageCopies.Description description;
  private final Staging staging;
  private final ImagePublication publication;
  private final ImageComparison comparison;
  private final BlobKey folder;
  private final BlobWriter writer;
  private final LayerDigest digest;
  private Optional<StagedImage> verified = Optional.empty();

  LayerCopy(
      StagingPlace place,
      ImageCopies.Description description,
      Staging staging,
      ImagePublication publication,
      ImageComparison comparison) {
    this.place = place;
    this.description = description;
    this.staging = staging;
    this.publication = publication;
    this.comparison = comparison;
    this.folder = place.newLayerFolder();
    this.writer = staging.createLayer(folder);
    this.digest = new LayerDigest(description.json());
  }

  /** Opens the written bytes for a second read. */
  public interface Again {
    /** Opens the bytes from the first one on; the caller closes them. */
    InputStream open() throws IOException;
  }

  /** Appends bytes. */
  public void write(byte[] bytes, int offset, int length) {
    digest.update(bytes, offset, length);
    writer.write(bytes, offset, length);
  }

  /**
   * Verifies the layer with the checksums that the other registry reported. Call it once, after all
   * bytes were written.
   *
   * @param told the checksums, as just reported by the other registry
   * @param again opens the bytes; used only when there is no checksum but a tarsum
   * @return whether there was any checksum that could be verified
   * @throws RegistryException {@code INVALID} when the layer does not match
   * @throws IOException when it cannot be read again
   */
  public boolean verify(List<Checksum> told, Again again) throws IOException {
    Checksum sum = digest.sum();
    boolean any = false;
    for (List<Checksum> known : List.of(told, description.checksums())) {
      if (known.stream().anyMatch(Checksum::isSimple)) {
        require(known.contains(sum));
        any = true;
      }
    }
    List<Checksum> tarSums = told.stream().filter(Checksum::isTarSum).toList();
    if (!any && !tarSums.isEmpty()) {
      try (InputStream layer = again.open()) {
        TarSum tarSum = TarSum.of(description.json(), layer);
        require(tarSums.stream().anyMatch(tarSum::matches));
        any = true;
      }
    }
    verified =
        Optional.of(
            new StagedImage(
                place.image(),
                folder,
                description.json(),
                description.ancestry(),
                Stream.concat(Stream.of(sum), tarSums.stream()).toList()));
    return any;
  }

  private static void require(boolean same) {
    if (!same) {
      throw PushRefusals.mismatch();
    }
  }

  /**
   * Publishes the image, unless it exists by now. When this returns, it survives a crash.
   *
   * @throws RegistryException {@code CONFLICT} when another image has its id by now
   */
  public void commit() {
    StagedImage image =
        verified.orElseThrow(() -> new IllegalStateException("the layer was not verified"));
    publication.prepare(image);
    writer.commit();
    if (!publication.publish(image.id(), folder) && !comparison.isSame(image, true)) {
      throw new RegistryException(
          Problem.CONFLICT, "The image was pushed while its layer was copied");
    }
    staging.remove(place);
  }

  /** Discards what was not committed. */
  @Override
  public void close() {
    writer.close();
    staging.removeLayer(folder);
  }
}
