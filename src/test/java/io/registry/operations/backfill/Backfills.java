package io.registry.operations.backfill;

import io.registry.operations.command.Commands;
import io.registry.operations.command.Console;
import io.registry.testkit.OriginalStore;
import io.registry.testkit.TestImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The command in this process, and stores for it. */
final class Backfills {
  private static final JsonMapper JSON = new JsonMapper();

  private Backfills() {}

  /** What a backfill has answered. */
  record Answer(int status, List<JsonNode> lines, String said) {
    /** Code, repository and tag of each finding. */
    List<String> findings() {
      return lines.stream()
          .filter(line -> line.has("repository"))
          .map(
              line -> text(line, "code") + " " + text(line, "repository") + ":" + text(line, "tag"))
          .toList();
    }

    /** The text of the finding of a tag. */
    String textOf(String tag) {
      return lines.stream()
          .filter(line -> text(line, "tag").equals(tag))
          .map(line -> text(line, "text"))
          .collect(Collectors.joining("\n"));
    }

    private static String text(JsonNode line, String name) {
      return line.path(name).asString("");
    }

    JsonNode summary() {
      return lines.get(lines.size() - 1);
    }

    long count(String name) {
      return summary().path("counts").path(name).asLong(-1);
    }
  }

  static Answer run(List<String> settings, String... options) {
    List<String> all = new ArrayList<>(List.of(options));
    all.addAll(settings);
    all.add("--report=-");
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    int status =
        Commands.run(new BackfillCommand(), all, new Console(System.in, print(out), print(err)));
    return new Answer(
        status, parse(out.toString(StandardCharsets.UTF_8)), err.toString(StandardCharsets.UTF_8));
  }

  private static List<JsonNode> parse(String lines) {
    return lines.lines().map(JSON::readTree).toList();
  }

  /** What a file holds that a backfill has written. */
  static Answer parse(Path report) throws IOException {
    return new Answer(0, parse(Files.readString(report)), "");
  }

  static Answer run(OriginalStore store, String... options) {
    return run(settings(store), options);
  }

  static List<String> settings(OriginalStore store) {
    return List.of("--registry.storage.local.path=" + store.root());
  }

  private static PrintStream print(ByteArrayOutputStream bytes) {
    return new PrintStream(bytes, true, StandardCharsets.UTF_8);
  }

  /** The hashes of the manifests and configurations that are derived in a directory. */
  static Map<String, String> contents(Path directory) {
    return select(hashes(directory), "_v2/content/");
  }

  static Map<String, String> hashes(Path directory) {
    try (Stream<Path> files = Files.walk(directory)) {
      return files
          .filter(Files::isRegularFile)
          .collect(
              Collectors.toMap(
                  file -> directory.relativize(file).toString(),
                  file -> OriginalStore.sha256(bytes(file)),
                  (one, other) -> one,
                  TreeMap::new));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static byte[] bytes(Path file) {
    try {
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Map<String, String> select(Map<String, String> files, String start) {
    return files.entrySet().stream()
        .filter(file -> file.getKey().startsWith(start))
        .collect(
            Collectors.toMap(
                Map.Entry::getKey, Map.Entry::getValue, (one, other) -> one, TreeMap::new));
  }

  /** Puts a finished image into a store, of which the parents come first. */
  static void put(OriginalStore store, TestImage image, TestImage... parents) {
    String folder = "images/" + image.id() + "/";
    store.write(folder + "json", new String(image.json(), StandardCharsets.UTF_8));
    store.write(
        folder + "ancestry",
        Stream.concat(Stream.of(image), Arrays.stream(parents))
            .map(each -> "\"" + each.id() + "\"")
            .collect(Collectors.joining(", ", "[", "]")));
    try {
      Files.write(store.root().resolve(folder + "layer"), image.layer());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static void tag(OriginalStore store, String repository, String tag, String image) {
    store.write("repositories/library/" + repository + "/tag_" + tag, image);
  }
}
