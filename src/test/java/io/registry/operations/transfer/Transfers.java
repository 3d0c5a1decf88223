package io.registry.operations.transfer;

import static org.assertj.core.api.Assertions.assertThat;

import io.registry.RegistryApplication;
import io.registry.content.manifest.Digest;
import io.registry.operations.command.Command;
import io.registry.operations.command.Commands;
import io.registry.operations.command.Console;
import io.registry.operations.command.OfflineRegistry;
import io.registry.platform.json.JsonCodec;
import io.registry.testkit.TestClient;
import io.registry.upstream.v2.Retries;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import tools.jackson.databind.JsonNode;

/** The commands in this process, and what they leave. */
final class Transfers {
  /** Distribution answers with schema 1 otherwise. */
  static final String TYPES =
      "application/vnd.docker.distribution.manifest.v2+json,"
          + "application/vnd.oci.image.manifest.v1+json";

  /** For tests in which another registry fails. */
  static final Retries QUICK = new Retries(6, Duration.ofMillis(10), Duration.ofMillis(100));

  /** What the commands open. */
  static final OfflineRegistry REGISTRY = OfflineRegistry.whole(RegistryApplication.class);

  private static final JsonCodec CODEC = new JsonCodec();

  private Transfers() {}

  /** What a command has answered. */
  @SuppressWarnings("ArrayRecordComponent")
  record Answer(int status, byte[] out, String said, List<JsonNode> lines) {
    /** What became of each image, by its name. */
    Map<String, String> results() {
      return lines.stream()
          .filter(line -> text(line, "code").equals("image"))
          .collect(
              Collectors.toMap(
                  line ->
                      text(line, "repository")
                          + (text(line, "tag").isEmpty() ? "" : ":" + text(line, "tag")),
                  line -> text(line, "result"),
                  (one, other) -> one + other,
                  TreeMap::new));
    }

    String textOf(String name) {
      return lines.stream()
          .filter(line -> (text(line, "repository") + ":" + text(line, "tag")).equals(name))
          .map(line -> text(line, "text"))
          .collect(Collectors.joining("\n"));
    }

    long count(String name) {
      return lines.get(lines.size() - 1).path("counts").path(name).asLong(-1);
    }
  }

  static String text(JsonNode line, String name) {
    return line.path(name).asString("");
  }

  static Answer export(Path store, String... arguments) {
    return run(new ExportCommand(REGISTRY), store, arguments);
  }

  static Answer run(Command command, Path store, String... arguments) {
    return run(command, System.in, store, arguments);
  }

  static Answer run(Command command, InputStream in, Path store, String... arguments) {
    List<String> all = new ArrayList<>(List.of(arguments));
    all.add("--registry.storage.local.path=" + store);
    all.add("--registry.contents.diff-after-push=false");
    try {
      Path report = Files.createTempFile("report", ".jsonl");
      all.add("--report=" + report);
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      ByteArrayOutputStream err = new ByteArrayOutputStream();
      int status = Commands.run(command, all, new Console(in, print(out), print(err)));
      List<JsonNode> lines =
          Files.readAllLines(report).stream().map(Transfers::parse).collect(Collectors.toList());
      Files.delete(report);
      return new Answer(
          status,
          out.toByteArray(),
          out.toString(StandardCharsets.UTF_8) + err.toString(StandardCharsets.UTF_8),
          lines);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Runs a command of which only the exit status and the text count. */
  static int run(Command command, List<String> arguments, PrintStream said) {
    return Commands.run(command, arguments, new Console(System.in, said, said));
  }

  private static PrintStream print(ByteArrayOutputStream bytes) {
    return new PrintStream(bytes, true, StandardCharsets.UTF_8);
  }

  static JsonNode parse(String json) {
    return parse(json.getBytes(StandardCharsets.UTF_8));
  }

  static JsonNode parse(byte[] json) {
    return CODEC.parse(json).orElseThrow();
  }

  /** The manifests that a registry serves: digest by name. */
  static Map<String, String> served(TestClient client) {
    Map<String, String> served = new TreeMap<>();
    for (JsonNode repository : parse(client.get("/v2/_catalog").bytes()).path("repositories")) {
      String name = repository.asString("");
      for (JsonNode tag : parse(client.get("/v2/" + name + "/tags/list").bytes()).path("tags")) {
        String path = "/v2/" + name + "/manifests/" + tag.asString("");
        served.put(
            name + ":" + tag.asString(""),
            client.get(path, "Accept", TYPES).header("Docker-Content-Digest"));
      }
    }
    return served;
  }

  /** The manifests that a layout lists: digest by name. */
  static Map<String, String> listed(byte[] index) {
    Map<String, String> listed = new TreeMap<>();
    for (JsonNode entry : parse(index).path("manifests")) {
      listed.put(
          text(entry.path("annotations"), "org.opencontainers.image.ref.name"),
          text(entry, "digest"));
    }
    return listed;
  }

  /** Each file below a folder, with its bytes. */
  static Map<String, byte[]> files(Path folder) {
    try (Stream<Path> files = Files.walk(folder)) {
      Map<String, byte[]> all = new TreeMap<>();
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        all.put(folder.relativize(file).toString(), Files.readAllBytes(file));
      }
      return all;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Map<String, byte[]> entries(InputStream archive) {
    Map<String, byte[]> all = new LinkedHashMap<>();
    try (TarArchiveInputStream tar = new TarArchiveInputStream(archive)) {
      for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
        if (all.put(entry.getName(), tar.readAllBytes()) != null) {
          throw new AssertionError("twice: " + entry.getName());
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return all;
  }

  /** Fails when a blob of a layout is missing, or has another digest. */
  static void requireWhole(Map<String, byte[]> layout, String manifest) {
    blobsOf(parse(blob(layout, manifest))).forEach(digest -> blob(layout, digest));
  }

  /** Fails when a registry lacks a blob of what it serves. */
  static void requireWhole(TestClient client) {
    for (String name : served(client).keySet()) {
      String repository = name.substring(0, name.lastIndexOf(':'));
      String tag = name.substring(name.lastIndexOf(':') + 1);
      JsonNode manifest =
          parse(client.get("/v2/" + repository + "/manifests/" + tag, "Accept", TYPES).bytes());
      for (String digest : blobsOf(manifest)) {
        byte[] bytes = client.get("/v2/" + repository + "/blobs/" + digest).bytes();
        assertThat(Digest.of(bytes).toString()).isEqualTo(digest);
      }
    }
  }

  /** A file as {@code docker login} writes it, for the user {@code admin} of a registry. */
  static Path login(Path folder, int port, String password) throws IOException {
    String auth =
        Base64.getEncoder().encodeToString(("admin:" + password).getBytes(StandardCharsets.UTF_8));
    return Files.writeString(
        Files.createTempFile(folder, "config", ".json"),
        "{\"auths\":{\"127.0.0.1:%d\":{\"auth\":\"%s\"}}}".formatted(port, auth));
  }

  /** The digests of the configuration and the layers. */
  static List<String> blobsOf(JsonNode manifest) {
    List<String> digests = new ArrayList<>();
    digests.add(text(manifest.path("config"), "digest"));
    manifest.path("layers").forEach(layer -> digests.add(text(layer, "digest")));
    return digests;
  }

  static byte[] blob(Map<String, byte[]> layout, String digest) {
    byte[] bytes = layout.get("blobs/" + digest.replace(':', '/'));
    if (bytes == null || !Digest.find(digest).orElseThrow().isDigestOf(bytes)) {
      throw new AssertionError("missing or damaged: " + digest);
    }
    return bytes;
  }
}
