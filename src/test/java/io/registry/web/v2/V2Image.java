package io.registry.web.v2;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.registry.content.manifest.Digest;
import io.registry.platform.json.JsonCodec;
import io.registry.testkit.TestImage;
import io.registry.testkit.TestLayer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.zip.GZIPOutputStream;

/**
 * An image as clients of today push it, and as Docker 1.12 pushes it over V1.
 *
 * @param config the configuration
 * @param tars the layers without compression, the base first
 */
@SuppressWarnings("ArrayRecordComponent")
public record V2Image(byte[] config, List<byte[]> tars) {
  private static final JsonCodec CODEC = new JsonCodec();

  /** An image whose layers have each a file of that name. */
  public static V2Image of(String name, String... layers) {
    List<byte[]> tars = new ArrayList<>();
    for (String layer : layers) {
      tars.add(TestLayer.of(layer));
    }
    Map<String, Object> config = new LinkedHashMap<>();
    config.put("architecture", "amd64");
    config.put("config", Map.of("Cmd", List.of(name)));
    config.put("os", "linux");
    config.put(
        "rootfs",
        Map.of(
            "type",
            "layers",
            "diff_ids",
            tars.stream().map(tar -> Digest.of(tar).toString()).toList()));
    return new V2Image(CODEC.render(config), List.copyOf(tars));
  }

  /** The id that its uppermost image has over V1. */
  public String id() {
    return Digest.of(config).hex();
  }

  /** The layers as clients push them over V2, the base first. */
  public List<byte[]> packed() {
    return tars.stream().map(V2Image::gzip).toList();
  }

  /** The manifest of the image with packed layers. */
  public byte[] manifest() {
    return manifest(V2Pusher.OCI_LAYER_GZIP, packed());
  }

  /** The manifest of the image with layers that are not packed. */
  public byte[] plainManifest() {
    return manifest(V2Pusher.OCI_LAYER, tars);
  }

  private byte[] manifest(String type, List<byte[]> layers) {
    return V2Pusher.render(
        V2Pusher.image(
            V2Pusher.descriptor(V2Pusher.OCI_CONFIG, config),
            layers.stream().map(layer -> V2Pusher.descriptor(type, layer)).toList()));
  }

  /** Pushes the blobs of the image with packed layers, and returns the manifest. */
  public byte[] pushBlobs(V2Pusher pusher) {
    pusher.blob(config);
    packed().forEach(pusher::blob);
    return manifest();
  }

  /** The images that Docker 1.12 pushes over V1, the base first: it sends the layers unpacked. */
  public List<TestImage> chain() {
    List<String> ids = new ArrayList<>();
    Digest chain = Digest.of(tars.get(0));
    for (int i = 0; i < tars.size(); i++) {
      if (i > 0) {
        chain = Digest.of((chain + " " + Digest.of(tars.get(i))).getBytes(UTF_8));
      }
      ids.add(i == tars.size() - 1 ? id() : chain.hex());
    }
    return IntStream.range(0, ids.size())
        .mapToObj(i -> new TestImage(ids.get(i), json(ids, i), tars.get(i)))
        .toList();
  }

  // As Docker 1.12.6 writes it: the keys of the uppermost one in their order.
  private byte[] json(List<String> ids, int i) {
    String parent = i > 0 ? "\"parent\":\"" + ids.get(i - 1) + "\"" : "";
    if (i < ids.size() - 1) {
      return ("{\"id\":\"" + ids.get(i) + "\"" + (i > 0 ? "," + parent : "") + "}").getBytes(UTF_8);
    }
    String cmd = CODEC.parse(config).orElseThrow().path("config").toString();
    return "{\"architecture\":\"amd64\",\"config\":%s,\"id\":\"%s\",\"os\":\"linux\"%s}"
        .formatted(cmd, ids.get(i), i > 0 ? "," + parent : "")
        .getBytes(UTF_8);
  }

  private static byte[] gzip(byte[] bytes) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream packed = new GZIPOutputStream(out)) {
      packed.write(bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }
}
