package io.registry.content.repository;

import io.registry.platform.json.JsonCodec;
import io.registry.storage.Blob;
import io.registry.storage.BlobKey;
import io.registry.storage.BlobStorage;
import io.registry.storage.BlobWriter;
import io.registry.storage.ByteRange;
import io.registry.storage.StorageException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import tools.jackson.databind.JsonNode;

/**
 * All files of a removed repository in one object, so that it is in the trash as a whole or not at
 * all: a line of JSON about the repository, then a line for each file.
 */
final class TrashFiles {
  /** So many files are read or written at the same time, and are in memory. */
  private static final int PART = 64;

  private final BlobStorage storage;
  private final JsonCodec codec;
  private final Executor executor;

  TrashFiles(BlobStorage storage, JsonCodec codec, Executor executor) {
    this.storage = storage;
    this.codec = codec;
    this.executor = executor;
  }

  /**
   * A file of a repository.
   *
   * @param path relative to the folder of the repository
   * @param content its bytes
   */
  // It is passed on at once and never compared.
  @SuppressWarnings("ArrayRecordComponent")
  record StoredFile(String path, byte[] content) {}

  /**
   * Keeps files. When this returns, they survive a crash.
   *
   * @param item the object
   * @param header the first line
   * @param files where each file is, by its path relative to the folder of the repository
   */
  void write(BlobKey item, Map<String, Object> header, List<Map.Entry<String, BlobKey>> files) {
    try (BlobWriter writer = storage.create(item)) {
      writeLine(writer, header);
      for (int from = 0; from < files.size(); from += PART) {
        List<CompletableFuture<Optional<StoredFile>>> part =
            files.subList(from, Math.min(files.size(), from + PART)).stream()
                .map(file -> CompletableFuture.supplyAsync(() -> read(file), executor))
                .toList();
        for (CompletableFuture<Optional<StoredFile>> read : part) {
          read.join().ifPresent(file -> writeLine(writer, line(file)));
        }
      }
      writer.commit();
    }
  }

  private Optional<StoredFile> read(Map.Entry<String, BlobKey> file) {
    return storage
        .read(file.getValue(), RepositoryKeys.SMALL)
        .map(content -> new StoredFile(file.getKey(), content));
  }

  private static Map<String, Object> line(StoredFile file) {
    return Map.of(
        "path", file.path(), "content", Base64.getEncoder().encodeToString(file.content()));
  }

  private void writeLine(BlobWriter writer, Map<String, Object> line) {
    writer.write(codec.render(line));
    writer.write('\n');
  }

  /** The first line; empty when there is no such object. */
  Optional<JsonNode> header(BlobKey item) {
    return lines(item, reader -> Optional.ofNullable(reader.readLine()).flatMap(this::parse))
        .flatMap(header -> header);
  }

  /**
   * Reads all files, in the order in which they were written.
   *
   * @param found gets up to 64 at a time, in this thread
   * @return false when there is no such object
   */
  boolean read(BlobKey item, Consumer<List<StoredFile>> found) {
    return lines(
            item,
            reader -> {
              List<StoredFile> part = new ArrayList<>();
              String line = reader.readLine();
              for (line = reader.readLine(); line != null; line = reader.readLine()) {
                part.add(file(line));
                if (part.size() == PART) {
                  found.accept(List.copyOf(part));
                  part.clear();
                }
              }
              found.accept(part);
              return true;
            })
        .orElse(false);
  }

  private StoredFile file(String line) throws IOException {
    JsonNode json = parse(line).orElseThrow(() -> new IOException("a line is not JSON"));
    try {
      return new StoredFile(
          json.path("path").asString(""),
          Base64.getDecoder().decode(json.path("content").asString("")));
    } catch (IllegalArgumentException e) {
      throw new IOException("a line has no content", e);
    }
  }

  private Optional<JsonNode> parse(String line) {
    return codec.parse(line.getBytes(StandardCharsets.UTF_8)).filter(JsonNode::isObject);
  }

  private interface Lines<R> {
    R read(BufferedReader reader) throws IOException;
  }

  private <R> Optional<R> lines(BlobKey item, Lines<R> lines) {
    Optional<Blob> found = storage.open(item, ByteRange.ALL);
    if (found.isEmpty()) {
      return Optional.empty();
    }
    try (Blob blob = found.get();
        BufferedReader reader =
            new BufferedReader(new InputStreamReader(blob.body(), StandardCharsets.UTF_8))) {
      return Optional.of(lines.read(reader));
    } catch (IOException e) {
      throw new StorageException(
          StorageException.Reason.BROKEN, storage.describe(), "read", item, e);
    }
  }
}
