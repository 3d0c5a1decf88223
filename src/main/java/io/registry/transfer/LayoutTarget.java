package io.registry.transfer;

import io.registry.archive.BlobSink;
import io.registry.archive.Content;
import io.registry.archive.LayoutFolder;
import io.registry.archive.LayoutIndex;
import io.registry.bridge.ServedNames;
import io.registry.manifest.Descriptor;
import io.registry.manifest.Digest;
import io.registry.manifest.Manifest;
import io.registry.manifest.Referrer;
import io.registry.repository.RepositoryName;
import io.registry.service.ServedManifest;
import io.registry.transfer.Line.Result;
import io.registry.transfer.Source.Tagged;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/** Writes images to an OCI layout, with what refers to them. */
final class LayoutTarget implements ExportTarget {
  private final Source source;
  private final BlobSink sink;
  private final LayoutIndex index;
  private boolean changed;

  LayoutTarget(Source source, BlobSink sink) throws IOException {
    this.source = source;
    this.sink = sink;
    this.index = LayoutIndex.parse(source.codec(), sink.index());
  }

  /** Walks through the content of one image. */
  private final class Walk {
    private final RepositoryName repository;
    private final boolean dry;
    private final Set<Digest> seen = new HashSet<>();
    private long bytes;
    private boolean added;

    Walk(RepositoryName repository, boolean dry) {
      this.repository = repository;
      this.dry = dry;
    }

    void manifest(ServedManifest manifest) throws IOException {
      if (!seen.add(manifest.digest())) {
        return;
      }
      Manifest parsed = source.parse(manifest);
      for (Descriptor blob : parsed.blobs()) {
        blob(blob);
      }
      for (Manifest.Part child : parsed.children()) {
        child(child);
      }
      // The manifest last: when it is there, so is everything that it names.
      Descriptor own = Source.descriptor(manifest);
      put(own, () -> new ByteArrayInputStream(manifest.bytes()));
      for (Referrer referrer : source.referrers(repository, manifest.digest())) {
        Optional<ServedManifest> found =
            source.manifest(repository, referrer.descriptor().digest());
        if (found.isPresent()) {
          manifest(found.get());
          if (!dry) {
            index.put(Source.descriptor(found.get()), Optional.empty());
          }
        }
      }
    }

    private void child(Manifest.Part child) throws IOException {
      Digest digest = child.descriptor().digest();
      Optional<ServedManifest> found = source.manifest(repository, digest);
      if (found.isPresent()) {
        manifest(found.get());
      } else if (source.has(repository, digest)) {
        blob(child.descriptor());
      } else if (!child.isElsewhere()) {
        throw new RefusedException("The index names " + digest + ", which is not there");
      }
    }

    private void blob(Descriptor blob) throws IOException {
      put(blob, source.blob(repository, blob.digest()));
    }

    private void put(Descriptor what, Content content) throws IOException {
      if (sink.add(what, content)) {
        bytes += what.size();
        added = true;
      }
    }
  }

  @Override
  public Outcome add(Tagged image) throws IOException {
    Outcome outcome = walk(image, false);
    changed = true;
    index.put(image.descriptor(), Optional.of(name(image)));
    return outcome;
  }

  @Override
  public Outcome plan(Tagged image) throws IOException {
    return walk(image, true);
  }

  private Outcome walk(Tagged image, boolean dry) throws IOException {
    Walk walk = new Walk(image.repository(), dry);
    walk.manifest(image.manifest());
    Result done = dry ? Result.WOULD : Result.DONE;
    return new Outcome(walk.added ? done : Result.PRESENT, walk.bytes);
  }

  /** The name of an image in a layout, which readers split at the last colon. */
  static String name(Tagged image) {
    String repository =
        ServedNames.name(image.repository()).orElseGet(() -> image.repository().toString());
    return repository + ":" + image.tag();
  }

  @Override
  public boolean isBroken() {
    return false;
  }

  @Override
  public void finish() throws IOException {
    sink.finish(index.render());
    changed = false;
  }

  /** What was added to a folder before something failed is readable. */
  @Override
  public void close() throws IOException {
    try (sink) {
      if (changed && sink instanceof LayoutFolder) {
        finish();
      }
    }
  }
}
