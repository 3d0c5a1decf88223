package io.registry.operations.check;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/** The counters of a check: objects, problems, repairs, and findings of each kind. */
final class CheckCounters {
  static final String IMAGES = "images";
  static final String UPLOADS = "uploads-under-way";
  static final String REPOSITORIES = "repositories";
  static final String TAGS = "tags";
  static final String LAYERS_VERIFIED = "layers-verified";
  static final String LAYERS_UNVERIFIABLE = "layers-without-checksum";
  static final String LAYER_BYTES = "layer-bytes-read";
  static final String BLOBS = "blobs";
  static final String BLOB_BYTES = "blob-bytes-read";
  static final String MANIFESTS = "manifests";
  static final String PROBLEMS = "problems";
  static final String REPAIRED = "repaired";
  private static final String FOUND = "found.";

  private final Map<String, Long> counts = new ConcurrentHashMap<>();

  void add(String name, long count) {
    counts.merge(name, count, Long::sum);
  }

  void add(CheckFinding finding) {
    add(FOUND + finding.code(), 1);
    if (finding.isProblem()) {
      add(PROBLEMS, 1);
    }
    if (!finding.repair().isEmpty()) {
      add(REPAIRED, 1);
    }
  }

  long get(String name) {
    return counts.getOrDefault(name, 0L);
  }

  /** The number of findings of each kind of defect. */
  Map<String, Long> found() {
    Map<String, Long> found = new TreeMap<>();
    counts.forEach(
        (name, count) -> {
          if (name.startsWith(FOUND)) {
            found.put(name.substring(FOUND.length()), count);
          }
        });
    return found;
  }

  Map<String, Long> all() {
    return new TreeMap<>(counts);
  }

  void restore(Map<String, Long> other) {
    counts.clear();
    counts.putAll(other);
  }
}
