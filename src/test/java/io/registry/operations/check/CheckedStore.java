package io.registry.operations.check;

import io.registry.operations.command.CommandLine;
import io.registry.operations.command.Commands;
import io.registry.operations.command.Console;
import io.registry.storage.BlobKey;
import io.registry.storage.BlobStorage;
import io.registry.testkit.TestImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A store without a server, with images as a registry writes them, and the check of it. */
final class CheckedStore {
  private static final JsonMapper JSON = new JsonMapper();

  private final BlobStorage storage;

  CheckedStore(BlobStorage storage) {
    this.storage = storage;
  }

  /** What a check has answered. */
  record Answer(int status, JsonNode report, String said) {
    /** Code and key of each finding. */
    List<String> findings() {
      List<String> found = new ArrayList<>();
      report
          .path("findings")
          .forEach(
              finding ->
                  found.add(
                      finding.path("code").asString() + " " + finding.path("key").asString()));
      return found;
    }

    long count(String name) {
      return report.path("summary").path(name).asLong();
    }
  }

  /** A finished image, of which the parents come first. */
  CheckedStore put(TestImage image, TestImage... parents) {
    write(image, "json", image.json());
    String ancestry =
        Stream.concat(Stream.of(image), Arrays.stream(parents))
            .map(each -> "\"" + each.id() + "\"")
            .collect(Collectors.joining(", ", "[", "]"));
    write(image, "ancestry", bytes(ancestry));
    write(image, "layer", image.layer());
    write(image, "_checksum", bytes("[\"" + image.checksum() + "\"]"));
    return this;
  }

  CheckedStore tag(String repository, String tag, TestImage image) {
    storage.write(
        BlobKey.of("repositories", "library", repository, "tag_" + tag), bytes(image.id()));
    return this;
  }

  void write(TestImage image, String file, byte[] bytes) {
    storage.write(key(image, file), bytes);
  }

  static BlobKey key(TestImage image, String file) {
    return BlobKey.of("images", image.id(), file);
  }

  Answer check(String... options) throws IOException {
    return check(Clock.systemUTC(), 4, options);
  }

  Answer check(Clock clock, int threads, String... options) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    List<String> all = new ArrayList<>(List.of(options));
    all.add("--report=-");
    int status =
        new StoreCheckRunner(storage, Optional.empty(), clock, threads)
            .run(
                CheckOptions.of(CommandLine.parse(all, CheckOptions.SYNTAX)),
                new Console(System.in, print(out), print(err)))
            .code();
    return answer(status, out, err);
  }

  /** The command in this process, on the store that the settings name. */
  static Answer command(List<String> settings, String... options) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    List<String> all = new ArrayList<>(List.of(options));
    all.addAll(settings);
    all.add("--report=-");
    int status =
        Commands.run(new StoreCheckCommand(), all, new Console(System.in, print(out), print(err)));
    return answer(status, out, err);
  }

  private static Answer answer(int status, ByteArrayOutputStream out, ByteArrayOutputStream err) {
    byte[] report = out.size() == 0 ? bytes("{}") : out.toByteArray();
    return new Answer(status, JSON.readTree(report), err.toString(StandardCharsets.UTF_8));
  }

  private static PrintStream print(ByteArrayOutputStream bytes) {
    return new PrintStream(bytes, true, StandardCharsets.UTF_8);
  }

  static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  static String resume(Path folder) {
    return "--resume=" + folder;
  }
}
