package io.registry.operations.collect;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.registry.content.liveness.CondemnedUnits;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The dead units that a walk has found: any number of them, in files, one for each place in the
 * order of removal.
 */
final class DeadUnits implements AutoCloseable {
  private final Path folder;
  private final Map<Integer, BufferedWriter> writers = new TreeMap<>();
  private final Map<DeadUnit.Kind, Long> counts = new TreeMap<>();
  private final List<String> problems = new ArrayList<>();
  private long bytes;
  private long size;

  /** The most problems whose text is kept. */
  private static final int MAX_PROBLEMS = 100;

  private long problemCount;

  DeadUnits(Path folder) {
    this.folder = folder;
  }

  void add(DeadUnit unit) {
    try {
      BufferedWriter writer = writers.get(unit.order());
      if (writer == null) {
        writer = Files.newBufferedWriter(file(unit.order()));
        writers.put(unit.order(), writer);
      }
      writer.write(unit.line());
      writer.write('\n');
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    counts.merge(unit.kind(), 1L, Long::sum);
    bytes += unit.bytes();
    size++;
  }

  private Path file(int order) {
    return folder.resolve("dead-" + order);
  }

  /** Something that could not be read, so that what it may lead to stays. */
  void problem(String text) {
    problemCount++;
    if (problems.size() < MAX_PROBLEMS) {
      problems.add(text);
    }
  }

  List<String> problems() {
    return List.copyOf(problems);
  }

  long problemCount() {
    return problemCount;
  }

  /** How many units of each kind there are. */
  Map<DeadUnit.Kind, Long> counts() {
    return Map.copyOf(counts);
  }

  long bytes() {
    return bytes;
  }

  long size() {
    return size;
  }

  /** Is given each unit. */
  interface Visitor {
    /** Returns whether to go on. */
    boolean visit(DeadUnit unit) throws IOException;
  }

  /** Visits all units in the order of their removal. */
  void forEach(Visitor visitor) throws IOException {
    for (BufferedWriter writer : writers.values()) {
      writer.flush();
    }
    for (int order : List.copyOf(writers.keySet())) {
      try (BufferedReader lines = Files.newBufferedReader(file(order))) {
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
          if (!visitor.visit(DeadUnit.parse(line))) {
            return;
          }
        }
      }
    }
  }

  /**
   * The first units in the order of removal, so that nothing is condemned that something else needs
   * which is not.
   */
  CondemnedUnits first(int most) throws IOException {
    List<CondemnedUnits.Unit> units = new ArrayList<>();
    forEach(
        unit -> {
          units.add(new CondemnedUnits.Unit(unit.unit().name(), unit.needs()));
          return units.size() < most;
        });
    return new CondemnedUnits(units);
  }

  @Override
  public void close() throws IOException {
    for (BufferedWriter writer : writers.values()) {
      writer.close();
    }
    try (var files = Files.list(folder)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
    Files.delete(folder);
  }

  /** A new folder for the files of a walk. */
  static DeadUnits create() throws IOException {
    return new DeadUnits(Files.createTempDirectory("registry-gc-"));
  }

  Path folder() {
    return folder;
  }

  /** For reports. */
  void writeTo(Path report) throws IOException {
    try (BufferedWriter out = Files.newBufferedWriter(report, UTF_8)) {
      forEach(
          unit -> {
            for (DeadUnit.DeadFile file : unit.files()) {
              out.write(unit.kind() + "\t" + file.size() + "\t" + file.key() + "\n");
            }
            return true;
          });
    }
  }
}
