package io.registry.web.v2;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.registry.content.manifest.Digest;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The images of {@code bridge/schema-1.json}: a signed manifest of schema 1 each, its layers, and
 * what genuine daemons make of it.
 */
public final class SchemaOneImages {
  public static final String SIGNED = "application/vnd.docker.distribution.manifest.v1+prettyjws";
  public static final String UNSIGNED = "application/vnd.docker.distribution.manifest.v1+json";

  private static final JsonMapper MAPPER = new JsonMapper();

  private SchemaOneImages() {}

  /**
   * An image.
   *
   * @param name what it is about
   * @param manifest signed
   * @param digest of the manifest
   * @param pulledByToday the configuration that Docker 26 makes of it
   * @param pulledOverV1 the configuration that Docker 1.12.6 makes of the same chain
   * @param images the V1 images, the base first
   */
  @SuppressWarnings("ArrayRecordComponent")
  public record Image(
      String name,
      byte[] manifest,
      Digest digest,
      byte[] pulledByToday,
      byte[] pulledOverV1,
      List<V1> images) {
    public String repository() {
      return "s1/" + name;
    }

    /** Whether the manifest says that its only image changes no file. */
    public boolean isThrowaway() {
      return images.size() == 1 && new String(images.get(0).json(), UTF_8).contains("throwaway");
    }

    /** Pushes the layers and the manifest. */
    public Digest push(V2Pusher pusher) {
      images.forEach(image -> pusher.blob(image.layer()));
      var pushed = pusher.put("v", manifest, SIGNED);
      if (pushed.status() != 201) {
        throw new IllegalStateException(name + ": " + pushed.text());
      }
      return Digest.find(pushed.header("Docker-Content-Digest")).orElseThrow();
    }
  }

  /** A V1 image. */
  @SuppressWarnings("ArrayRecordComponent")
  public record V1(String id, byte[] json, byte[] layer) {}

  public static List<Image> all() {
    Map<String, JsonNode> chains =
        read("docker-1.12.6.json").stream()
            .collect(Collectors.toMap(each -> each.get("name").asString(), Function.identity()));
    return read("schema-1.json").stream()
        .map(
            each -> {
              JsonNode chain = Objects.requireNonNull(chains.get(each.get("name").asString()));
              return new Image(
                  each.get("name").asString(),
                  decoded(each.get("manifest")),
                  Digest.find(each.get("digest").asString()).orElseThrow(),
                  decoded(each.get("config")),
                  decoded(chain.get("config")),
                  images(chain));
            })
        .toList();
  }

  public static Image named(String name) {
    return all().stream().filter(image -> image.name().equals(name)).findFirst().orElseThrow();
  }

  private static List<V1> images(JsonNode chain) {
    List<V1> images = new ArrayList<>();
    chain
        .get("images")
        .forEach(
            each ->
                images.add(
                    new V1(
                        each.get("id").asString(),
                        decoded(each.get("json")),
                        decoded(each.get("layer")))));
    return images;
  }

  private static byte[] decoded(JsonNode text) {
    return Base64.getDecoder().decode(text.asString());
  }

  private static List<JsonNode> read(String name) {
    try (InputStream in = SchemaOneImages.class.getResourceAsStream("/bridge/" + name)) {
      return MAPPER.readTree(in).valueStream().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
