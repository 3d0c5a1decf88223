package io.registry.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.airlift.compress.zstd.ZstdOutputStream;
import io.registry.bridge.PushedImage;
import io.registry.content.manifest.Descriptor;
import io.registry.content.manifest.Digest;
import io.registry.content.manifest.MediaTypes;
import io.registry.storage.BlobKey;
import io.registry.storage.BlobStorage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/** An image that a client pushes over V2. */
public final class TestPush {
  private final List<Layer> layers;
  private final PushedImage image;

  private TestPush(List<Layer> layers, PushedImage image) {
    this.layers = layers;
    this.image = image;
  }

  /**
   * A layer.
   *
   * @param stored as it is pushed
   * @param tar as it is unpacked
   */
  @SuppressWarnings("ArrayRecordComponent")
  public record Layer(byte[] stored, byte[] tar, String mediaType) {
    public static Layer plain(byte[] tar) {
      return new Layer(tar, tar, "application/vnd.oci.image.layer.v1.tar");
    }

    public static Layer gzip(String... names) {
      return gzip(TestLayer.of(names), 1);
    }

    /** One of several ways to pack the same. */
    public static Layer gzip(byte[] tar, int variant) {
      return new Layer(TestLayer.compressed(tar, variant), tar, MediaTypes.DOCKER_LAYER_GZIP);
    }

    public static Layer zstd(byte[] tar) {
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      try (OutputStream packed = new ZstdOutputStream(out)) {
        packed.write(tar);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      return new Layer(out.toByteArray(), tar, "application/vnd.oci.image.layer.v1.tar+zstd");
    }

    public Digest diffId() {
      return Digest.of(tar);
    }

    public Digest digest() {
      return Digest.of(stored);
    }

    public BlobKey key() {
      return TestPush.key(digest());
    }
  }

  /** An image of these layers; the same name gives the same configuration. */
  public static TestPush of(String name, Layer... layers) {
    return claiming(name, Arrays.stream(layers).map(Layer::diffId).toList(), layers);
  }

  /** An image whose configuration says something else of its layers. */
  public static TestPush claiming(String name, List<Digest> diffIds, Layer... layers) {
    String claimed =
        diffIds.stream().map(each -> '"' + each.toString() + '"').collect(Collectors.joining(","));
    byte[] config =
        """
        {"os":"linux", "architecture":"amd64", "comment":"%s",
         "rootfs":{"type":"layers","diff_ids":[%s]},"history":[]}"""
            .formatted(name, claimed)
            .getBytes(UTF_8);
    List<Descriptor> descriptors =
        Arrays.stream(layers)
            .map(layer -> new Descriptor(layer.mediaType(), layer.digest(), layer.stored().length))
            .toList();
    return new TestPush(
        List.of(layers), new PushedImage(MediaTypes.DOCKER_CONFIG, config, descriptors));
  }

  public static BlobKey key(Digest digest) {
    return BlobKey.of("_oci", "blobs", digest.algorithm(), digest.hex().substring(0, 2))
        .child(digest.hex());
  }

  public PushedImage image() {
    return image;
  }

  /** Stores its layers as the push of blobs does. */
  public TestPush storeIn(BlobStorage storage) {
    layers.forEach(layer -> storage.writeIfAbsent(layer.key(), layer.stored()));
    return this;
  }
}
