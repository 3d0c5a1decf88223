package io.registry.content.manifest;

import io.registry.platform.json.JsonCodec;
import io.registry.platform.problem.Problem;
import io.registry.platform.problem.RegistryException;
import io.registry.platform.problem.Subject;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.function.Function;
import tools.jackson.databind.JsonNode;

/**
 * Reads manifests (OCI image-spec; Docker schema 2 and schema 1). Every refusal says what is wrong
 * where.
 */
public final class ManifestParser {
  /** The most layers, or entries of an index, that a manifest may list. */
  static final int MAX_PARTS = 4_096;

  private static final int SCHEMA_VERSION = 2;

  /** In bytes. Manifests of images are far smaller. */
  private static final int LARGE = 256 * 1024;

  private final JsonCodec codec;
  private final Signatures signatures;

  /** While it is read, a text needs up to ten times its size of memory. */
  private final Semaphore largeTexts = new Semaphore(1);

  /** A parser. */
  public ManifestParser(JsonCodec codec) {
    this.codec = codec;
    this.signatures = new Signatures(codec);
  }

  /**
   * A manifest as it is stored.
   *
   * @param manifest what it says
   * @param content the bytes that its digest addresses: those of the manifest; of a signed manifest
   *     of schema 1 its payload
   * @param form how to make the signed document of the content; empty without signatures
   */
  @SuppressWarnings("ArrayRecordComponent")
  public record Received(Manifest manifest, byte[] content, Optional<SignedForm> form) {}

  /**
   * Reads a manifest that comes from elsewhere, and verifies its signatures.
   *
   * @param contentType the type that the sender says it is; empty when it says none
   * @param bytes the manifest
   * @throws RegistryException {@code INVALID} when it is not a manifest that the server accepts;
   *     with the subject {@code SIGNATURE} when a signature does not verify
   */
  public Received receive(String contentType, byte[] bytes) {
    Manifest manifest = parse(contentType, bytes);
    if (manifest.kind() != Manifest.Kind.SCHEMA_ONE) {
      return new Received(manifest, bytes, Optional.empty());
    }
    return read(bytes, json -> signatures.verify(bytes, json.orElseThrow()))
        .map(verified -> new Received(manifest, verified.payload(), Optional.of(verified.form())))
        .orElseGet(() -> new Received(manifest, bytes, Optional.empty()));
  }

  /**
   * The bytes that the digest of a manifest addresses: those of the manifest; of a signed manifest
   * of schema 1 its payload.
   *
   * @throws RegistryException {@code INVALID} with the subject {@code SIGNATURE} when a signature
   *     does not verify
   */
  public byte[] content(byte[] bytes) {
    return read(
            bytes,
            text ->
                text.filter(ManifestParser::isSchemaOne)
                    .flatMap(json -> signatures.verify(bytes, json)))
        .map(Signatures.Verified::payload)
        .orElse(bytes);
  }

  /**
   * Reads a manifest of schema 1.
   *
   * @param bytes the manifest, with or without its signatures
   * @throws RegistryException {@code INVALID} when it is not a chain of images
   */
  public SchemaOneManifest schemaOne(byte[] bytes) {
    return read(
        bytes,
        text ->
            SchemaOneManifest.of(
                codec,
                text.filter(ManifestParser::isSchemaOne)
                    .orElseThrow(() -> invalid("The manifest is not of schema 1"))));
  }

  /**
   * Reads a manifest.
   *
   * @param contentType the type that the client says it is; empty when it says none
   * @param bytes the manifest
   * @throws RegistryException {@code INVALID} when it is not a manifest that the server accepts
   */
  public Manifest parse(String contentType, byte[] bytes) {
    String told = contentType.replaceFirst(";.*", "").strip().toLowerCase(Locale.ROOT);
    return read(bytes, json -> parse(told, json));
  }

  // Large texts are read one after the other.
  private <T> T read(byte[] bytes, Function<Optional<JsonNode>, T> use) {
    if (bytes.length <= LARGE) {
      return use.apply(codec.parseUntrusted(bytes));
    }
    largeTexts.acquireUninterruptibly();
    try {
      return use.apply(codec.parseUntrusted(bytes));
    } finally {
      largeTexts.release();
    }
  }

  private Manifest parse(String told, Optional<JsonNode> text) {
    JsonNode json =
        text.filter(JsonNode::isObject)
            .orElseThrow(
                () ->
                    invalid(
                        "The manifest is not a JSON object, or has more parts than are accepted"));
    if (isSchemaOne(json)) {
      return chain(told, json);
    }
    if (MediaTypes.isSchemaOne(told)) {
      throw invalid("schemaVersion: has to be 1");
    }
    String type = type(told, json);
    return switch (type) {
      case MediaTypes.DOCKER_MANIFEST, MediaTypes.OCI_MANIFEST -> image(type, json);
      case MediaTypes.DOCKER_LIST, MediaTypes.OCI_INDEX -> index(type, json);
      default -> manifest(type, Manifest.Kind.OTHER, json, Optional.empty(), List.of(), List.of());
    };
  }

  /**
   * Finds out what a manifest is for which no type was kept.
   *
   * @param bytes the manifest
   * @return its media type; empty when it is no manifest
   */
  public Optional<String> mediaType(byte[] bytes) {
    return codec
        .parseUntrusted(bytes)
        .filter(JsonNode::isObject)
        .flatMap(ManifestParser::mediaType);
  }

  private static Optional<String> mediaType(JsonNode json) {
    if (json.path("schemaVersion").asInt(0) == 1) {
      return Optional.of(
          json.path("signatures").isArray()
              ? MediaTypes.DOCKER_SCHEMA_1_SIGNED
              : MediaTypes.DOCKER_SCHEMA_1);
    }
    String told = json.path("mediaType").asString("");
    if (!told.isEmpty()) {
      return Optional.of(told);
    }
    if (json.path("manifests").isArray()) {
      return Optional.of(MediaTypes.OCI_INDEX);
    }
    return json.path("config").isObject() ? Optional.of(MediaTypes.OCI_MANIFEST) : Optional.empty();
  }

  /**
   * Reads the entries of an index as referrers: what clients keep under the tag of a subject, where
   * a registry does not list referrers (OCI distribution-spec, referrers tag schema).
   *
   * @return none when it is not an index
   */
  public List<Referrer> referrers(byte[] index) {
    return read(index, text -> referrers(text.map(json -> json.path("manifests"))));
  }

  private static List<Referrer> referrers(Optional<JsonNode> entries) {
    List<Referrer> referrers = new ArrayList<>();
    entries
        .filter(JsonNode::isArray)
        .ifPresent(array -> array.forEach(entry -> referrer(entry).ifPresent(referrers::add)));
    return referrers;
  }

  // Empty when the client that wrote the index did not follow the specification.
  private static Optional<Referrer> referrer(JsonNode entry) {
    try {
      return Optional.of(
          new Referrer(
              descriptor(entry, "manifests"),
              text(entry, "artifactType", "artifactType"),
              annotations(entry.path("annotations"))));
    } catch (RegistryException e) {
      return Optional.empty();
    }
  }

  private static String type(String told, JsonNode json) {
    String inside = text(json, "mediaType", "mediaType");
    boolean isToldNothing = told.isEmpty() || told.equals("application/json");
    if (isToldNothing && !inside.isEmpty()) {
      return inside;
    }
    if (isToldNothing) {
      return json.has("manifests") ? MediaTypes.OCI_INDEX : MediaTypes.OCI_MANIFEST;
    }
    if (!inside.isEmpty() && !inside.equals(told)) {
      throw invalid("mediaType is another type than the Content-Type of the request");
    }
    return told;
  }

  private static boolean isSchemaOne(JsonNode json) {
    return json.isObject() && json.path("schemaVersion").asInt(SCHEMA_VERSION) == 1;
  }

  // The bytes tell the type: some clients say that a manifest is signed or JSON when it is not.
  private Manifest chain(String told, JsonNode json) {
    if (!told.isEmpty() && !told.equals("application/json") && !MediaTypes.isSchemaOne(told)) {
      throw invalid("schemaVersion: has to be 2");
    }
    SchemaOneManifest chain = SchemaOneManifest.of(codec, json);
    return new Manifest(
        json.has("signatures") ? MediaTypes.DOCKER_SCHEMA_1_SIGNED : MediaTypes.DOCKER_SCHEMA_1,
        Manifest.Kind.SCHEMA_ONE,
        Optional.empty(),
        chain.layers().stream()
            .map(
                layer ->
                    new Manifest.Part(
                        new Descriptor(
                            MediaTypes.DOCKER_LAYER_GZIP, layer, Descriptor.UNKNOWN_SIZE),
                        false,
                        ""))
            .toList(),
        List.of(),
        Optional.empty(),
        "",
        Map.of());
  }

  private static Manifest image(String type, JsonNode json) {
    requireVersion(json);
    if (json.has("manifests")) {
      throw invalid("manifests: an image has layers, only an index has manifests");
    }
    Descriptor config = descriptor(json.path("config"), "config");
    return manifest(
        type, Manifest.Kind.IMAGE, json, Optional.of(config), parts(json, "layers"), List.of());
  }

  private static Manifest index(String type, JsonNode json) {
    requireVersion(json);
    if (json.has("layers") || json.has("config")) {
      throw invalid("layers: an index has manifests, only an image has layers");
    }
    return manifest(
        type, Manifest.Kind.INDEX, json, Optional.empty(), List.of(), parts(json, "manifests"));
  }

  private static void requireVersion(JsonNode json) {
    if (json.path("schemaVersion").asInt(0) != SCHEMA_VERSION) {
      throw invalid("schemaVersion: has to be 2");
    }
  }

  private static Manifest manifest(
      String type,
      Manifest.Kind kind,
      JsonNode json,
      Optional<Descriptor> config,
      List<Manifest.Part> layers,
      List<Manifest.Part> children) {
    Optional<Descriptor> subject =
        isNothing(json.path("subject"))
            ? Optional.empty()
            : Optional.of(descriptor(json.path("subject"), "subject"));
    String artifactType = text(json, "artifactType", "artifactType");
    return new Manifest(
        type,
        kind,
        config,
        layers,
        children,
        subject,
        artifactType.isEmpty() ? config.map(Descriptor::mediaType).orElse("") : artifactType,
        annotations(json.path("annotations")));
  }

  private static List<Manifest.Part> parts(JsonNode json, String field) {
    JsonNode array = json.path(field);
    if (!array.isArray()) {
      throw invalid(field + ": has to be an array");
    }
    if (array.size() > MAX_PARTS) {
      throw invalid("%s: up to %d are accepted, not %d".formatted(field, MAX_PARTS, array.size()));
    }
    List<Manifest.Part> parts = new ArrayList<>();
    for (JsonNode part : array) {
      String where = "%s[%d]".formatted(field, parts.size());
      Descriptor descriptor = descriptor(part, where);
      boolean isElsewhere = part.path("urls").isArray() && !part.path("urls").isEmpty();
      boolean isForeign =
          descriptor.mediaType().contains("nondistributable")
              || descriptor.mediaType().contains(".foreign.");
      parts.add(
          new Manifest.Part(descriptor, isElsewhere || isForeign, platform(part.path("platform"))));
    }
    return parts;
  }

  /**
   * Reads the platform of an image in its configuration.
   *
   * @param config the configuration
   * @return {@code os/architecture} and perhaps {@code /variant}; empty when it says none
   */
  public String platform(byte[] config) {
    return read(config, text -> text.map(ManifestParser::platform).orElse(""));
  }

  private static String platform(JsonNode json) {
    String os = json.path("os").asString("");
    String architecture = json.path("architecture").asString("");
    String variant = json.path("variant").asString("");
    if (os.isEmpty() || architecture.isEmpty()) {
      return "";
    }
    return os + "/" + architecture + (variant.isEmpty() ? "" : "/" + variant);
  }

  private static Descriptor descriptor(JsonNode json, String where) {
    if (!json.isObject()) {
      throw invalid(where + ": has to be an object with mediaType, digest and size");
    }
    String mediaType = text(json, "mediaType", where + ".mediaType");
    if (mediaType.isEmpty()) {
      throw invalid(where + ".mediaType: is missing");
    }
    Digest digest =
        Digest.find(text(json, "digest", where + ".digest"))
            .orElseThrow(() -> invalid(where + ".digest: has to be a digest by sha256 or sha512"));
    JsonNode size = json.path("size");
    if (!size.isIntegralNumber() || !size.canConvertToLong() || size.longValue() < 0) {
      throw invalid(where + ".size: has to be a number of bytes");
    }
    return new Descriptor(mediaType, digest, size.longValue());
  }

  private static Map<String, String> annotations(JsonNode json) {
    if (isNothing(json)) {
      return Map.of();
    }
    if (!json.isObject()) {
      throw invalid("annotations: has to be an object");
    }
    Map<String, String> annotations = new LinkedHashMap<>();
    json.properties()
        .forEach(
            entry -> {
              if (!entry.getValue().isString()) {
                throw invalid("annotations: has to contain texts only");
              }
              annotations.put(entry.getKey(), entry.getValue().stringValue());
            });
    return annotations;
  }

  private static String text(JsonNode json, String field, String where) {
    JsonNode value = json.path(field);
    if (isNothing(value)) {
      return "";
    }
    if (!value.isString()) {
      throw invalid(where + ": has to be a text");
    }
    return value.stringValue();
  }

  private static boolean isNothing(JsonNode json) {
    return json.isMissingNode() || json.isNull();
  }

  private static RegistryException invalid(String text) {
    return new RegistryException(Problem.INVALID, Subject.MANIFEST, text);
  }
}
