package io.registry.content.image;

import io.registry.platform.json.JsonCodec;
import io.registry.storage.BlobKey;
import io.registry.storage.BlobStorage;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.stream.StreamSupport;
import tools.jackson.databind.JsonNode;

/** Reads checksum files in every format that releases of the original wrote (protocol 3.4). */
final class StoredChecksums {
  private final BlobStorage storage;
  private final JsonCodec codec;

  StoredChecksums(BlobStorage storage, JsonCodec codec) {
    this.storage = storage;
    this.codec = codec;
  }

  /**
   * Reads the checksums of an image.
   *
   * @param key the checksum file
   * @return the checksums; empty when there is no file, or no valid content
   */
  List<Checksum> read(BlobKey key) {
    return storage.read(key, ImageKeys.SMALL).map(this::parse).orElse(List.of());
  }

  void write(BlobKey key, List<Checksum> checksums) {
    storage.write(key, render(checksums));
  }

  /** The content of a checksum file. */
  byte[] render(List<Checksum> checksums) {
    return codec.render(checksums.stream().map(Checksum::value).toList());
  }

  /** Whether a checksum file has the format of those that a registry computed. */
  boolean isComputed(byte[] bytes) {
    return codec.parse(bytes).filter(JsonNode::isArray).isPresent();
  }

  List<Checksum> parse(byte[] bytes) {
    Optional<JsonNode> json = codec.parse(bytes);
    if (json.filter(JsonNode::isArray).isPresent()) {
      return StreamSupport.stream(json.get().spliterator(), false)
          .filter(JsonNode::isString)
          .map(node -> new Checksum(node.stringValue()))
          .filter(StoredChecksums::isText)
          .toList();
    }
    if (json.isPresent() && !json.get().isString()) {
      return List.of();
    }
    String bare =
        json.filter(JsonNode::isString)
            .map(JsonNode::stringValue)
            .orElseGet(() -> new String(bytes, StandardCharsets.ISO_8859_1))
            .strip();
    return List.of(new Checksum(bare)).stream().filter(StoredChecksums::isText).toList();
  }

  // Checksums are sent in a header: a damaged file must not be able to inject another line.
  private static boolean isText(Checksum checksum) {
    return !checksum.value().isEmpty()
        && checksum.value().chars().allMatch(c -> c > ' ' && c < 0x7f);
  }
}
