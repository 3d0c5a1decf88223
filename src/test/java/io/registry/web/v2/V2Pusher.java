package io.registry.web.v2;

import static org.assertj.core.api.Assertions.assertThat;

import io.registry.content.manifest.Digest;
import io.registry.platform.json.JsonCodec;
import io.registry.testkit.TestClient;
import io.registry.testkit.TestClient.Answer;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Pushes to a repository over V2. */
public final class V2Pusher {
  public static final String OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json";
  public static final String OCI_INDEX = "application/vnd.oci.image.index.v1+json";
  public static final String OCI_CONFIG = "application/vnd.oci.image.config.v1+json";
  public static final String OCI_LAYER = "application/vnd.oci.image.layer.v1.tar";
  public static final String OCI_LAYER_GZIP = "application/vnd.oci.image.layer.v1.tar+gzip";
  public static final String OCI_LAYER_ZSTD = "application/vnd.oci.image.layer.v1.tar+zstd";

  private static final JsonCodec CODEC = new JsonCodec();

  private final TestClient client;
  private final String repository;
  private final String[] headers;

  public V2Pusher(TestClient client, String repository, String... headers) {
    this.client = client;
    this.repository = repository;
    this.headers = headers;
  }

  public String path(String rest) {
    return "/v2/" + repository + "/" + rest;
  }

  /** Begins an upload. */
  public Answer start() {
    return client.send("POST", path("blobs/uploads/"), BodyPublishers.noBody(), headers);
  }

  /** Begins an upload, and returns where it goes on. */
  public String begin() {
    Answer begun = start();
    assertThat(begun.status()).as(begun.text()).isEqualTo(202);
    // Distribution answers with a whole URL.
    return begun.header("Location").replaceFirst("^http://[^/]*", "");
  }

  public Answer patch(String location, byte[] part, String... more) {
    return client.send("PATCH", location, BodyPublishers.ofByteArray(part), with(more));
  }

  public Answer finish(String location, byte[] rest, Object digest, String... more) {
    char separator = location.indexOf('?') < 0 ? '?' : '&';
    return client.put(location + separator + "digest=" + digest, rest, with(more));
  }

  private String[] with(String... more) {
    List<String> all = new ArrayList<>(List.of(headers));
    all.addAll(List.of(more));
    return all.toArray(String[]::new);
  }

  /** Pushes a blob in two requests. */
  public Digest blob(byte[] bytes) {
    Digest digest = Digest.of(bytes);
    Answer pushed = finish(begin(), bytes, digest);
    assertThat(pushed.status()).as(pushed.text()).isEqualTo(201);
    return digest;
  }

  public static Map<String, Object> descriptor(String mediaType, byte[] bytes) {
    Map<String, Object> descriptor = new LinkedHashMap<>();
    descriptor.put("mediaType", mediaType);
    descriptor.put("digest", Digest.of(bytes).toString());
    descriptor.put("size", bytes.length);
    return descriptor;
  }

  /** The manifest of an image. */
  public static Map<String, Object> image(
      Map<String, Object> config, List<Map<String, Object>> layers) {
    Map<String, Object> manifest = new LinkedHashMap<>();
    manifest.put("schemaVersion", 2);
    manifest.put("mediaType", OCI_MANIFEST);
    manifest.put("config", config);
    manifest.put("layers", layers);
    return manifest;
  }

  public static Map<String, Object> index(List<Map<String, Object>> manifests) {
    Map<String, Object> index = new LinkedHashMap<>();
    index.put("schemaVersion", 2);
    index.put("mediaType", OCI_INDEX);
    index.put("manifests", manifests);
    return index;
  }

  public static byte[] render(Map<String, Object> json) {
    return CODEC.render(json);
  }

  /** Pushes an artifact with one layer, and returns its manifest. */
  public byte[] artifact(String text, Map<String, Object> more) {
    byte[] config = "{}".getBytes(StandardCharsets.UTF_8);
    byte[] layer = text.getBytes(StandardCharsets.UTF_8);
    blob(config);
    blob(layer);
    Map<String, Object> manifest =
        image(
            descriptor("application/vnd.oci.empty.v1+json", config),
            List.of(descriptor("text/plain", layer)));
    manifest.putAll(more);
    return render(manifest);
  }

  /** Pushes an artifact under a tag, and returns its digest. */
  public Digest tagged(String tag, String text) {
    byte[] manifest = artifact(text, Map.of());
    Answer put = put(tag, manifest);
    assertThat(put.status()).as(put.text()).isEqualTo(201);
    return Digest.of(manifest);
  }

  public Answer put(Object reference, byte[] manifest) {
    return put(reference, manifest, OCI_MANIFEST);
  }

  public Answer put(Object reference, byte[] manifest, String type) {
    return client.put(path("manifests/" + reference), manifest, with("Content-Type", type));
  }

  public Answer post(String rest, byte[] body) {
    return client.send("POST", path(rest), BodyPublishers.ofByteArray(body), headers);
  }

  /** Sets a tag to an image over V1. */
  public Answer tagOverV1(String tag, String image) {
    return client.put("/v1/repositories/" + repository + "/tags/" + tag, '"' + image + '"');
  }

  /** Removes the repository over V1. */
  public Answer removeOverV1() {
    return client.delete("/v1/repositories/" + repository + "/");
  }

  public Answer get(String rest, String... more) {
    return client.get(path(rest), with(more));
  }

  public Answer head(String rest) {
    return client.head(path(rest), headers);
  }

  public Answer delete(String rest) {
    return client.delete(path(rest), headers);
  }
}
