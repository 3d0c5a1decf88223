package io.registry.content.repository;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The name of a file that holds one generation of an image list. Names are unique across all
 * processes: a process that deletes a file by its name deletes exactly what it has read.
 *
 * @param number higher than that of each file that its writer has read
 * @param file the name of the file
 */
record Generation(long number, String file) {
  /** Order in which contradictions are resolved: the first entry wins. */
  static final Comparator<Generation> NEWEST_FIRST =
      Comparator.comparingLong(Generation::number).thenComparing(Generation::file).reversed();

  private static final Pattern FILE = Pattern.compile("(\\d{9,18})_[0-9a-f-]{36}");

  static Optional<Generation> find(String file) {
    Matcher matcher = FILE.matcher(file);
    return matcher.matches()
        ? Optional.of(new Generation(Long.parseLong(matcher.group(1)), file))
        : Optional.empty();
  }

  static Generation after(List<Generation> others) {
    long number = 1 + others.stream().mapToLong(Generation::number).max().orElse(0);
    return new Generation(number, "%09d_%s".formatted(number, UUID.randomUUID()));
  }
}
