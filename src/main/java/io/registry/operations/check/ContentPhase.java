package io.registry.operations.check;

import io.registry.content.defect.Defect;
import io.registry.content.distribution.TreeInspection;
import io.registry.content.manifest.ContentInspection;
import io.registry.content.manifest.InspectedBlob;
import io.registry.content.walk.StoreWalk;
import io.registry.storage.BlobKey;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The phases of a check that inspect what clients have pushed over V2: blobs, then repositories.
 */
final class ContentPhase {
  private final ContentInspection contents;
  private final Optional<TreeInspection> tree;
  private final Repairs repairs;

  ContentPhase(ContentInspection contents, Optional<TreeInspection> tree, Repairs repairs) {
    this.contents = contents;
    this.tree = tree;
    this.repairs = repairs;
  }

  private record Seen(BlobKey key, long bytes, List<CheckFinding> findings) {}

  /** Inspects each blob by itself. */
  void inspectBlobs(StoreWalk walk, CheckRun run, Path list) throws IOException {
    long size = run.next() == 0 ? walk.listKeys("names of blobs", blobs(), list) : 0;
    walk.visitKeys(
        "blobs",
        size,
        list,
        run.next(),
        new StoreWalk.Visitor<>(this::lookAtBlob, seen -> noteBlob(seen, run), run::done));
  }

  private Stream<BlobKey> blobs() {
    return Stream.concat(contents.blobs(), tree.stream().flatMap(TreeInspection::blobs));
  }

  private static void noteBlob(Seen seen, CheckRun run) {
    if (ContentInspection.isBlob(seen.key())) {
      run.counters().add(CheckCounters.BLOBS, 1);
    }
    run.counters().add(CheckCounters.BLOB_BYTES, seen.bytes());
    seen.findings().forEach(run::found);
  }

  private Seen lookAtBlob(BlobKey key) {
    InspectedBlob blob = contents.inspectBlob(key);
    List<Defect> defects =
        blob.defect().stream()
            .map(defect -> tree.map(found -> found.located(defect)).orElse(defect))
            .toList();
    return new Seen(key, blob.bytes(), findings(defects));
  }

  /** Inspects what each repository contains. */
  void inspectRepositories(StoreWalk walk, CheckRun run, Path list) throws IOException {
    walk.visitFiles(
        "contents of repositories",
        run.counters().get(CheckCounters.REPOSITORIES),
        list,
        run.next(),
        contents::contents,
        new StoreWalk.Visitor<>(
            key -> new Seen(key, 0, findings(contents.inspect(key))),
            seen -> noteContent(seen, run),
            run::done));
  }

  private static void noteContent(Seen seen, CheckRun run) {
    if (ContentInspection.isManifest(seen.key())) {
      run.counters().add(CheckCounters.MANIFESTS, 1);
    }
    seen.findings().forEach(run::found);
  }

  private List<CheckFinding> findings(List<Defect> defects) {
    return defects.stream().map(repairs::of).toList();
  }
}
