package io.registry.bridge;

import io.registry.content.files.LayerScanner;
import io.registry.content.image.ImageId;
import io.registry.content.image.ImageReader;
import io.registry.platform.json.JsonCodec;
import java.time.Clock;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;

/** Makes ahead of time what the first pull of an image over V2 would make. */
public final class ImagePreparation {
  /** Enough for the bases that many images share. */
  private static final int REMEMBERED_LAYERS = 10_000;

  /** Each image is prepared once. */
  private static final int REMEMBERED_IMAGES = 0;

  private final ImageReader images;
  private final LayerDigests layers;
  private final ImageBridge bridge;

  /**
   * A preparation.
   *
   * @param images the images
   * @param derived keeps what is made
   * @param scanner reads their layers
   * @param codec reads and writes what is kept
   * @param executor reads the layers of one image at the same time
   */
  public ImagePreparation(
      ImageReader images,
      DerivedStore derived,
      LayerScanner scanner,
      JsonCodec codec,
      Executor executor) {
    this.images = images;
    this.layers =
        new LayerDigests(
            images, derived, scanner, ArrivedLayers.NONE, codec, executor, REMEMBERED_LAYERS);
    this.bridge =
        new ImageBridge(
            images, layers, derived, codec, Runnable::run, Clock.systemUTC(), REMEMBERED_IMAGES);
  }

  /** What is ready of an image, without reading a layer; nothing when it has to be prepared. */
  public Optional<PreparedImage> known(ImageId top) {
    return bridge.known(top).map(ImagePreparation::prepared);
  }

  /**
   * Prepares an image for V2, and returns when it is.
   *
   * @param top the image
   * @return what came of it
   * @throws io.registry.platform.problem.RegistryException when there is no such image, it is
   *     unfinished, or its layers cannot be read now
   * @throws io.registry.storage.StorageException when the store fails
   */
  public PreparedImage prepare(ImageId top) {
    try {
      return prepared(bridge.of(top).join());
    } catch (CompletionException e) {
      if (e.getCause() instanceof RuntimeException failure) {
        throw failure;
      }
      throw e;
    }
  }

  private static PreparedImage prepared(BridgedImage image) {
    return new PreparedImage(image.layers().size(), image.refusal());
  }

  /**
   * The images of a chain whose layers have to be read to prepare it.
   *
   * @param top the image, and the last of the chain
   * @throws io.registry.platform.problem.RegistryException when there is no such image, or it is
   *     unfinished
   */
  public Collection<ImageId> unread(ImageId top) {
    List<ImageId> chain = images.ancestry(top);
    return chain.stream().filter(id -> layers.known(id).isEmpty()).toList();
  }
}
