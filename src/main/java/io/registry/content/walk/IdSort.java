package io.registry.content.walk;

import io.registry.content.image.ImageId;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

/**
 * Sorts any number of ids with little memory: what does not fit is sorted in parts, which wait in
 * files and are merged in the end. Each id comes out once.
 */
public final class IdSort {
  /** The most files that are merged at once. */
  private static final int FAN_IN = 64;

  private static final Comparator<byte[]> ORDER = Arrays::compareUnsigned;

  private final Path folder;
  private final int capacity;
  private final List<byte[]> waiting = new ArrayList<>();
  private final List<Path> runs = new ArrayList<>();
  private int names;

  /**
   * Creates a sort.
   *
   * @param folder the folder for temporary files
   * @param capacity how many ids are in memory
   */
  public IdSort(Path folder, int capacity) {
    this.folder = folder;
    this.capacity = capacity;
  }

  /**
   * Adds an id.
   *
   * @param id the id, which may have been added before
   * @throws IOException when the disk fails
   */
  public void add(ImageId id) throws IOException {
    waiting.add(IdRecord.of(id));
    if (waiting.size() == capacity) {
      spill();
    }
  }

  /**
   * Writes all ids to a file, in their order, and removes the files that waited.
   *
   * @param target the file
   * @throws IOException when the disk fails
   */
  public void writeTo(Path target) throws IOException {
    spill();
    while (runs.size() > FAN_IN) {
      List<Path> some = List.copyOf(runs.subList(0, FAN_IN));
      Path merged = newRun();
      merge(some, merged);
      runs.removeAll(some);
      runs.add(merged);
    }
    merge(List.copyOf(runs), target);
    runs.clear();
  }

  private void spill() throws IOException {
    if (waiting.isEmpty()) {
      return;
    }
    waiting.sort(ORDER);
    Path run = newRun();
    try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(run))) {
      for (byte[] id : waiting) {
        out.write(id);
      }
    }
    runs.add(run);
    waiting.clear();
  }

  private Path newRun() {
    return folder.resolve("run-" + names++);
  }

  private static void merge(List<Path> runs, Path target) throws IOException {
    List<InputStream> open = new ArrayList<>();
    try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(target))) {
      PriorityQueue<Head> heads = new PriorityQueue<>(Comparator.comparing(Head::id, ORDER));
      for (Path run : runs) {
        InputStream in = new BufferedInputStream(Files.newInputStream(run));
        open.add(in);
        advance(in, heads);
      }
      byte[] last = new byte[0];
      while (!heads.isEmpty()) {
        Head head = heads.remove();
        if (!Arrays.equals(head.id(), last)) {
          out.write(head.id());
          last = head.id();
        }
        advance(head.rest(), heads);
      }
    } finally {
      for (InputStream in : open) {
        in.close();
      }
    }
    for (Path run : runs) {
      Files.delete(run);
    }
  }

  private static void advance(InputStream in, PriorityQueue<Head> heads) throws IOException {
    byte[] id = in.readNBytes(IdRecord.LENGTH);
    if (id.length == IdRecord.LENGTH) {
      heads.add(new Head(id, in));
    }
  }

  /** The next id of a file. */
  @SuppressWarnings("ArrayRecordComponent") // Never compared.
  private record Head(byte[] id, InputStream rest) {}
}
