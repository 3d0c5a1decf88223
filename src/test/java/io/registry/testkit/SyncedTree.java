package io.registry.testkit;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.registry.testkit.SystemCalls.Call;
import io.registry.testkit.SystemCalls.Moment;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What a loss of power leaves of a folder: of each file what was written before its last flush
 * began, and of each folder the entries that it had when its last flush began. A file that was
 * entered and never flushed is there and empty.
 */
public final class SyncedTree {
  private final Path ground;
  private final Node root = new Node(true);

  /** Flushes that have begun, by the thread that waits for them. */
  private final Map<String, Flush> flushes = new HashMap<>();

  private long begun;

  /** Of a folder that is empty and has reached the disk. */
  public SyncedTree(Path ground) {
    this.ground = ground;
  }

  /** A file or a folder, whatever its names. */
  private static final class Node {
    private final boolean folder;
    private final Map<String, Node> entries = new HashMap<>();
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private Map<String, Node> syncedEntries = Map.of();
    private byte[] syncedBytes = new byte[0];
    private long synced;

    Node(boolean folder) {
      this.folder = folder;
    }
  }

  private record Flush(Node node, Map<String, Node> entries, int length, long number) {}

  /** Lets a call happen. */
  public void apply(Call call) {
    if (call.isFlush()) {
      flush(call);
    } else if (call.moment() == Moment.END) {
      change(call);
    }
  }

  private void flush(Call call) {
    if (call.moment() == Moment.BEGIN) {
      begun++;
      find(call.file())
          .ifPresent(
              node ->
                  flushes.put(
                      call.thread(),
                      new Flush(node, Map.copyOf(node.entries), node.bytes.size(), begun)));
      return;
    }
    Flush flush = flushes.remove(call.thread());
    if (flush != null && flush.number() > flush.node().synced) {
      flush.node().synced = flush.number();
      flush.node().syncedEntries = flush.entries();
      flush.node().syncedBytes = Arrays.copyOf(flush.node().bytes.toByteArray(), flush.length());
    }
  }

  private void change(Call call) {
    switch (call.name()) {
      case "open", "openat", "creat" -> open(call);
      case "mkdir", "mkdirat" -> enter(call.path(0), new Node(true));
      case "rename", "renameat", "renameat2" ->
          find(call.path(0))
              .ifPresent(
                  node -> {
                    remove(call.path(0));
                    enter(call.path(1), node);
                  });
      case "link", "linkat" -> find(call.path(0)).ifPresent(node -> enter(call.path(1), node));
      case "unlink", "unlinkat", "rmdir" -> remove(call.path(0));
      case "write" ->
          find(call.file())
              .ifPresent(node -> node.bytes.write(call.text(0), 0, (int) call.result()));
      default ->
          find(call.file())
              .ifPresent(
                  node -> {
                    throw new AssertionError("not foreseen: " + call);
                  });
    }
  }

  private void open(Call call) {
    boolean truncates = call.name().equals("creat") || call.arguments().contains("O_TRUNC");
    boolean creates = call.name().equals("creat") || call.arguments().contains("O_CREAT");
    Optional<Node> there = find(call.path(0));
    if (there.isPresent() && truncates) {
      there.get().bytes.reset();
    }
    if (there.isEmpty() && creates) {
      enter(call.path(0), new Node(false));
    }
  }

  private void enter(Path path, Node node) {
    folderOf(path).ifPresent(folder -> folder.entries.put(name(path), node));
  }

  private void remove(Path path) {
    folderOf(path).ifPresent(folder -> folder.entries.remove(name(path)));
  }

  private Optional<Node> folderOf(Path path) {
    return Optional.ofNullable(path.getParent()).flatMap(this::find);
  }

  // Nothing for what lies elsewhere.
  private Optional<Node> find(Path path) {
    if (!path.startsWith(ground)) {
      return Optional.empty();
    }
    if (path.equals(ground)) {
      return Optional.of(root);
    }
    Node node = root;
    for (Path name : ground.relativize(path)) {
      node = node.entries.get(name.toString());
      if (node == null) {
        return Optional.empty();
      }
    }
    return Optional.of(node);
  }

  private static String name(Path path) {
    return String.valueOf(path.getFileName());
  }

  /** The files that are left, by their paths in the folder. */
  public Map<String, String> files() {
    Map<String, String> files = new TreeMap<>();
    collect("", root, files);
    return files;
  }

  // One character for each byte.
  private static void collect(String path, Node node, Map<String, String> files) {
    if (!node.folder) {
      files.put(path, new String(node.syncedBytes, ISO_8859_1));
      return;
    }
    node.syncedEntries.forEach(
        (name, entry) -> collect(path.isEmpty() ? name : path + "/" + name, entry, files));
  }

  /** Writes what is left into an empty folder. */
  public static void write(Map<String, String> files, Path target) throws IOException {
    for (Map.Entry<String, String> file : files.entrySet()) {
      Path path = target.resolve(file.getKey());
      Files.createDirectories(path.resolveSibling("."));
      Files.write(path, file.getValue().getBytes(ISO_8859_1));
    }
  }
}
