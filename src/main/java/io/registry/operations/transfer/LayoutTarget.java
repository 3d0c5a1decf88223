package io.registry.operations.transfer;

import io.registry.bridge.ServedNames;
import io.registry.content.archive.BlobSink;
import io.registry.content.archive.Content;
import io.registry.content.archive.LayoutFolder;
import io.registry.content.archive.LayoutIndex;
import io.registry.content.archive.OciForm;
import io.registry.content.manifest.Descriptor;
import io.registry.content.manifest.Digest;
import io.registry.content.manifest.Manifest;
import io.registry.content.manifest.Referrer;
import io.registry.content.repository.RepositoryName;
import io.registry.operations.transfer.ReportLine.Result;
import io.registry.operations.transfer.ServedImages.Tagged;
import io.registry.service.ServedManifest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Writes images to an OCI layout, with what refers to them. */
final class LayoutTarget implements ExportTarget {
  private final ServedImages source;
  private final BlobSink sink;
  private final LayoutIndex index;
  private final boolean converts;
  private boolean changed;

  /**
   * A target.
   *
   * @param converts whether Docker's manifests are written as OCI manifests
   */
  LayoutTarget(ServedImages source, BlobSink sink, boolean converts) throws IOException {
    this.source = source;
    this.converts = converts;
    this.sink = sink;
    this.index = LayoutIndex.parse(source.codec(), sink.index());
  }

  /** Walks through the content of one image. */
  private final class Walk {
    private final RepositoryName repository;
    private final boolean dry;

    /** What the manifests have become, by their digests. */
    private final Map<String, Descriptor> written = new HashMap<>();

    private int depth;
    private long bytes;
    private boolean added;

    Walk(RepositoryName repository, boolean dry) {
      this.repository = repository;
      this.dry = dry;
    }

    Descriptor manifest(ServedManifest manifest) throws IOException {
      Descriptor own = ServedImages.descriptor(manifest);
      Descriptor known = written.putIfAbsent(own.digest().toString(), own);
      if (known != null) {
        return known;
      }
      Manifest parsed = source.parse(manifest);
      for (Descriptor blob : parsed.blobs()) {
        blob(blob);
      }
      for (Manifest.Part child : parsed.children()) {
        child(child);
      }
      List<Referrer> referrers = source.referrers(repository, manifest.digest());
      byte[] form = form(manifest, referrers.isEmpty());
      Descriptor result =
          form == manifest.bytes()
              ? own
              : new Descriptor(OciForm.typeOf(own.mediaType()), Digest.of(form), form.length);
      written.put(own.digest().toString(), result);
      // The manifest last: when it is there, so is everything that it names.
      put(result, () -> new ByteArrayInputStream(form));
      for (Referrer referrer : referrers) {
        referrer(referrer.descriptor().digest());
      }
      return result;
    }

    private Descriptor nested(ServedManifest manifest) throws IOException {
      depth++;
      if (depth > Sizes.MAX_NESTED) {
        throw new RefusedException("Manifests are nested more than " + Sizes.MAX_NESTED + " deep");
      }
      Descriptor written = manifest(manifest);
      depth--;
      return written;
    }

    // What is signed keeps its digest.
    private byte[] form(ServedManifest manifest, boolean isFree) {
      if (!converts || !isFree || !OciForm.isNeeded(manifest.mediaType())) {
        return manifest.bytes();
      }
      return source
          .codec()
          .parse(manifest.bytes())
          .flatMap(json -> OciForm.of(source.codec(), json, written))
          .orElse(manifest.bytes());
    }

    private void referrer(Digest digest) throws IOException {
      Optional<ServedManifest> found = source.manifest(repository, digest);
      if (found.isPresent()) {
        Descriptor descriptor = nested(found.get());
        if (!dry) {
          index.put(descriptor, Optional.empty());
        }
      }
    }

    private void child(Manifest.Part child) throws IOException {
      Digest digest = child.descriptor().digest();
      Optional<ServedManifest> found = source.manifest(repository, digest);
      if (found.isPresent()) {
        nested(found.get());
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
    Walk walk = new Walk(image.repository(), false);
    Descriptor written = walk.manifest(image.manifest());
    changed = true;
    index.put(written, Optional.of(name(image)));
    return new Outcome(
        walk.added ? Result.DONE : Result.PRESENT, walk.bytes, written.digest().toString());
  }

  @Override
  public Outcome plan(Tagged image) throws IOException {
    Walk walk = new Walk(image.repository(), true);
    Descriptor written = walk.manifest(image.manifest());
    return new Outcome(
        walk.added ? Result.WOULD : Result.PRESENT, walk.bytes, written.digest().toString());
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
