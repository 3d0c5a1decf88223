package io.registry.operations.collect;

import io.registry.content.liveness.ContentUnit;
import io.registry.storage.BlobKey;
import java.util.ArrayList;
import java.util.List;

/**
 * Content that nothing keeps alive.
 *
 * @param kind what it is
 * @param order units are removed in this order, so that what needs others goes first
 * @param unit the unit
 * @param needs the names of the units that it needs
 * @param files its files, in the order in which they are removed
 */
record DeadUnit(Kind kind, int order, ContentUnit unit, List<String> needs, List<DeadFile> files) {
  private static final String SEPARATOR = "\t";

  /** What is removed, in the order of the removal. */
  enum Kind {
    /** That a repository contains a manifest. */
    MANIFEST(0),
    /** Which manifest a tag serves, of a tag that names something else. */
    TAG(1),
    /** That a repository contains a blob. */
    LINK(2),
    /** A V1 image. */
    IMAGE(100),
    /** The bytes of a blob or a manifest. */
    BYTES(1000);

    private final int order;

    Kind(int order) {
      this.order = order;
    }

    /** The first place in the order of removal. */
    int order() {
      return order;
    }
  }

  /**
   * A file of a unit.
   *
   * @param key the file
   * @param version its version when it was seen
   * @param size in bytes
   */
  record DeadFile(BlobKey key, String version, long size) {}

  DeadUnit {
    needs = List.copyOf(needs);
    files = List.copyOf(files);
  }

  /** How many bytes of the store its files take. */
  long bytes() {
    return files.stream().mapToLong(DeadFile::size).sum();
  }

  /** As a line of text. A key contains no control characters. */
  String line() {
    List<String> words = new ArrayList<>();
    words.add(kind.name());
    words.add(Integer.toString(order));
    words.add(unit.key().path());
    words.add(String.join(" ", needs));
    for (DeadFile file : files) {
      words.add(file.key().path());
      words.add(file.version());
      words.add(Long.toString(file.size()));
    }
    return String.join(SEPARATOR, words);
  }

  /** Reads what {@link #line} has made. */
  static DeadUnit parse(String line) {
    String[] words = line.split(SEPARATOR, -1);
    List<DeadFile> files = new ArrayList<>();
    for (int i = 4; i + 2 < words.length; i += 3) {
      files.add(new DeadFile(new BlobKey(words[i]), words[i + 1], Long.parseLong(words[i + 2])));
    }
    return new DeadUnit(
        Kind.valueOf(words[0]),
        Integer.parseInt(words[1]),
        new ContentUnit(new BlobKey(words[2])),
        words[3].isEmpty() ? List.of() : List.of(words[3].split(" ", -1)),
        files);
  }
}
