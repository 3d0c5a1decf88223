package io.registry.operations.transfer;

import io.registry.bridge.ServedNames;
import io.registry.content.archive.DistributionFolder;
import io.registry.content.manifest.Descriptor;
import io.registry.content.manifest.Digest;
import io.registry.content.manifest.Manifest;
import io.registry.content.manifest.MediaTypes;
import io.registry.content.manifest.Referrer;
import io.registry.content.repository.RepositoryName;
import io.registry.content.repository.TagName;
import io.registry.operations.transfer.ReportLine.Result;
import io.registry.operations.transfer.ServedImages.Tagged;
import io.registry.service.ServedManifest;
import java.io.IOException;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Writes images to a folder that Distribution serves, with what refers to them. */
final class DistributionTarget implements ExportTarget {
  private final ServedImages source;
  private final DistributionFolder folder;

  DistributionTarget(ServedImages source, DistributionFolder folder) {
    this.source = source;
    this.folder = folder;
  }

  /** Walks through the content of one image. */
  private final class Walk {
    private final RepositoryName repository;
    private final String name;
    private final Set<Digest> seen = new HashSet<>();
    private long bytes;
    private boolean added;

    Walk(RepositoryName repository) {
      this.repository = repository;
      this.name =
          ServedNames.name(repository)
              .orElseThrow(() -> new RefusedException("Distribution has no such names"));
    }

    void manifest(ServedManifest manifest) throws IOException {
      if (!seen.add(manifest.digest())) {
        return;
      }
      if (!manifest.digest().isSha256()) {
        throw new RefusedException("Distribution names manifests by SHA-256 only");
      }
      Manifest parsed = source.parse(manifest);
      for (Descriptor blob : parsed.blobs()) {
        blob(blob);
      }
      for (Manifest.Part child : parsed.children()) {
        child(child);
      }
      // The manifest last: when it is there, so is everything that it names.
      Descriptor own = ServedImages.descriptor(manifest);
      count(own, folder.addManifest(name, own, manifest.bytes()));
      referrers(manifest.digest());
    }

    // Distribution does not list referrers: clients look for an index of them under a tag.
    private void referrers(Digest subject) throws IOException {
      List<Referrer> referrers = source.referrers(repository, subject);
      for (Referrer referrer : referrers) {
        Optional<ServedManifest> found =
            source.manifest(repository, referrer.descriptor().digest());
        if (found.isPresent()) {
          manifest(found.get());
        }
      }
      String tag = subject.algorithm() + "-" + subject.hex();
      if (!referrers.isEmpty() && !source.has(repository, new TagName(tag))) {
        byte[] index = index(referrers);
        Descriptor own = new Descriptor(MediaTypes.OCI_INDEX, Digest.of(index), index.length);
        count(own, folder.addManifest(name, own, index));
        folder.tag(name, tag, own.digest());
      }
    }

    private byte[] index(List<Referrer> referrers) {
      Map<String, Object> index = new LinkedHashMap<>();
      index.put("schemaVersion", 2);
      index.put("mediaType", MediaTypes.OCI_INDEX);
      index.put("manifests", referrers.stream().map(Referrer::fields).toList());
      return source.codec().render(index);
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

    // The size is that of the store: schema 1 does not say it.
    private void blob(Descriptor wanted) throws IOException {
      Digest digest = wanted.digest();
      ServedImages.StoredBlob stored =
          source
              .locate(repository, digest)
              .orElseThrow(() -> new RefusedException("The repository has no blob " + digest));
      Descriptor blob = new Descriptor(wanted.mediaType(), digest, stored.size());
      count(
          blob,
          folder.addBlob(
              name,
              new DistributionFolder.Bytes(blob, source.blob(repository, digest), stored.file())));
    }

    private void count(Descriptor what, boolean isNew) {
      if (isNew) {
        bytes += what.size();
        added = true;
      }
    }
  }

  @Override
  public Outcome add(Tagged image) throws IOException {
    return carry(image, Result.DONE);
  }

  @Override
  public Outcome plan(Tagged image) throws IOException {
    return carry(image, Result.WOULD);
  }

  // In a dry run the folder writes nothing.
  private Outcome carry(Tagged image, Result result) throws IOException {
    if (!ServedNames.isTag(image.tag().value())) {
      throw new RefusedException("Distribution has no such tags");
    }
    Walk walk = new Walk(image.repository());
    Digest digest = image.manifest().digest();
    walk.manifest(image.manifest());
    folder.tag(walk.name, image.tag().value(), digest);
    return new Outcome(walk.added ? result : Result.PRESENT, walk.bytes, digest.toString());
  }

  @Override
  public boolean isBroken() {
    return false;
  }

  /** Each image is readable as soon as it was added. */
  @Override
  public void finish() {}

  @Override
  public void close() throws IOException {
    folder.close();
  }
}
