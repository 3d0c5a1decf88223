package io.registry.operations.check;

import io.registry.content.defect.Defect;
import io.registry.content.manifest.ContentInspection;
import io.registry.content.manifest.InspectedBlob;
import io.registry.content.repository.RepositoryInspection;
import io.registry.content.walk.KeyList;
import io.registry.content.walk.OrderedWork;
import io.registry.content.walk.Progress;
import io.registry.content.walk.RepositoryWalk;
import io.registry.storage.BlobKey;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The phases of a check that inspect what clients have pushed over V2: blobs, then repositories.
 */
final class ContentPhase {
  private final ContentInspection contents;
  private final RepositoryInspection repositories;
  private final Repairs repairs;

  ContentPhase(ContentInspection contents, RepositoryInspection repositories, Repairs repairs) {
    this.contents = contents;
    this.repositories = repositories;
    this.repairs = repairs;
  }

  private record Seen(BlobKey key, long bytes, List<CheckFinding> findings) {}

  /** Inspects each blob by itself. */
  void inspectBlobs(OrderedWork work, CheckRun run, Progress progress, Path list)
      throws IOException {
    long size = 0;
    if (run.next() == 0) {
      progress.begin("names of blobs", 0);
      size = KeyList.write(list, contents.blobs(), progress::done);
    }
    progress.begin("blobs", size);
    try (BufferedReader lines = Files.newBufferedReader(list)) {
      work.run(
          lines.lines().skip(run.next()).map(BlobKey::new).iterator(),
          this::lookAtBlob,
          seen -> {
            if (ContentInspection.isBlob(seen.key())) {
              run.counters().add(CheckCounters.BLOBS, 1);
            }
            run.counters().add(CheckCounters.BLOB_BYTES, seen.bytes());
            seen.findings().forEach(run::found);
            progress.done(run.next() + 1);
            run.done(run.next() + 1);
          });
    }
  }

  private Seen lookAtBlob(BlobKey key) {
    InspectedBlob blob = contents.inspectBlob(key);
    return new Seen(key, blob.bytes(), findings(blob.defect().stream().toList()));
  }

  /** Inspects what each repository contains. */
  void inspectRepositories(OrderedWork work, CheckRun run, Progress progress, Path list)
      throws IOException {
    progress.begin("contents of repositories", run.counters().get(CheckCounters.REPOSITORIES));
    new RepositoryWalk(repositories, contents::contents)
        .run(
            work,
            list,
            run.next(),
            key -> new Seen(key, 0, findings(contents.inspect(key))),
            seen -> {
              if (ContentInspection.isManifest(seen.key())) {
                run.counters().add(CheckCounters.MANIFESTS, 1);
              }
              seen.findings().forEach(run::found);
            },
            () -> {
              progress.done(run.next() + 1);
              run.done(run.next() + 1);
            });
  }

  private List<CheckFinding> findings(List<Defect> defects) {
    return defects.stream().map(repairs::of).toList();
  }
}
