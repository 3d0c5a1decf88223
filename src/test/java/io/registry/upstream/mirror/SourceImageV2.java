package io.registry.upstream.mirror;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.registry.content.manifest.Digest;
import io.registry.platform.json.JsonCodec;
import io.registry.testkit.TestClient;
import io.registry.testkit.TestClient.Answer;
import io.registry.testkit.TestLayer;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** An image that is pushed to a source over V2; the same name gives the same image. */
@SuppressWarnings("ArrayRecordComponent")
record SourceImageV2(byte[] config, byte[] base, byte[] top, byte[] manifest) {
  static final String MANIFEST = "application/vnd.oci.image.manifest.v1+json";
  static final String INDEX = "application/vnd.oci.image.index.v1+json";
  private static final JsonCodec CODEC = new JsonCodec();

  static SourceImageV2 of(String name) {
    return of(name, "amd64");
  }

  static SourceImageV2 of(String name, String architecture) {
    byte[] plain = TestLayer.of("base " + name);
    byte[] top = TestLayer.of("top " + name + architecture);
    byte[] config =
        """
        {"architecture":"%s","os":"linux","created":"2026-01-02T03:04:05.123456789Z",
         "config":{"Env":["NAME=%s"],"Cmd":["sh"]},
         "rootfs":{"type":"layers","diff_ids":["%s","%s"]}}
        """
            .formatted(architecture, name, Digest.of(plain), Digest.of(top))
            .getBytes(UTF_8);
    byte[] base = TestLayer.compressed(plain, 1);
    Map<String, Object> manifest = new LinkedHashMap<>();
    manifest.put("schemaVersion", 2);
    manifest.put("mediaType", MANIFEST);
    manifest.put("config", descriptor("application/vnd.oci.image.config.v1+json", config));
    manifest.put(
        "layers",
        List.of(
            descriptor("application/vnd.oci.image.layer.v1.tar+gzip", base),
            descriptor("application/vnd.oci.image.layer.v1.tar", top)));
    return new SourceImageV2(config, base, top, CODEC.render(manifest));
  }

  private static Map<String, Object> descriptor(String mediaType, byte[] bytes) {
    Map<String, Object> descriptor = new LinkedHashMap<>();
    descriptor.put("mediaType", mediaType);
    descriptor.put("digest", Digest.of(bytes).toString());
    descriptor.put("size", bytes.length);
    return descriptor;
  }

  /** An index of images for platforms, in the order of the architectures. */
  static byte[] index(Map<String, SourceImageV2> images) {
    List<Map<String, Object>> entries =
        images.entrySet().stream()
            .map(
                image -> {
                  Map<String, Object> entry = descriptor(MANIFEST, image.getValue().manifest());
                  entry.put("platform", Map.of("os", "linux", "architecture", image.getKey()));
                  return entry;
                })
            .toList();
    Map<String, Object> index = new LinkedHashMap<>();
    index.put("schemaVersion", 2);
    index.put("mediaType", INDEX);
    index.put("manifests", entries);
    return CODEC.render(index);
  }

  List<byte[]> blobs() {
    return List.of(config, base, top);
  }

  Digest digest() {
    return Digest.of(manifest);
  }

  /** The ids that V1 clients see, the base first. */
  List<String> v1Ids() {
    return List.of(Digest.of(TestLayer.of(text())).hex(), Digest.of(config).hex());
  }

  private String text() {
    String json = new String(config, UTF_8);
    return "base " + json.replaceAll("(?s).*NAME=", "").replaceAll("(?s)\".*", "");
  }

  /** Pushes the image; the reference is a tag or its digest. */
  SourceImageV2 push(TestClient client, String repository, Object reference, String... headers) {
    for (byte[] blob : blobs()) {
      Answer answer =
          client.send(
              "POST",
              "/v2/" + repository + "/blobs/uploads/?digest=" + Digest.of(blob),
              BodyPublishers.ofByteArray(blob),
              headers);
      assertThat(answer.status()).as(answer.text()).isEqualTo(201);
    }
    put(client, repository, reference, MANIFEST, manifest, headers);
    return this;
  }

  static void put(
      TestClient client,
      String repository,
      Object reference,
      String type,
      byte[] manifest,
      String... headers) {
    String[] all = new String[headers.length + 2];
    System.arraycopy(headers, 0, all, 0, headers.length);
    all[headers.length] = "Content-Type";
    all[headers.length + 1] = type;
    Answer answer = client.put("/v2/" + repository + "/manifests/" + reference, manifest, all);
    assertThat(answer.status()).as(answer.text()).isEqualTo(201);
  }
}
