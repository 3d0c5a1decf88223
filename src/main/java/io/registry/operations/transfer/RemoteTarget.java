package io.registry.operations.transfer;

import io.registry.bridge.ServedNames;
import io.registry.content.archive.Content;
import io.registry.content.manifest.Descriptor;
import io.registry.content.manifest.Digest;
import io.registry.content.manifest.Manifest;
import io.registry.content.repository.RepositoryName;
import io.registry.content.walk.ReadRate;
import io.registry.operations.transfer.ExportTarget.Outcome;
import io.registry.operations.transfer.ReportLine.Result;
import io.registry.operations.transfer.ServedImages.Tagged;
import io.registry.service.ServedManifest;
import io.registry.upstream.v2.Body;
import io.registry.upstream.v2.RemotePush;
import java.io.IOException;
import java.io.InputStream;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;

/** Pushes images to another registry. For many threads. */
final class RemoteTarget {
  private final ServedImages source;
  private final Function<String, RemotePush> registries;
  private final String prefix;
  private final Optional<ReadRate> rate;
  private final TransferCounts counts;
  private final BlobWork work;
  private final boolean dryRun;

  /** A repository there that has a blob, by the blob. */
  private final Map<Digest, String> places = new ConcurrentHashMap<>();

  /** One thread sends a blob at a time; the others mount it. */
  private final Map<Digest, Object> locks = new ConcurrentHashMap<>();

  /**
   * A target.
   *
   * @param registries the other registry, for a repository there
   * @param prefix what the names begin with there; empty, or with a slash at the end
   * @param rate how much is sent in a second
   * @param counts counts the bytes while they are sent
   * @param work sends the blobs
   * @param dryRun whether nothing is sent
   */
  RemoteTarget(
      ServedImages source,
      Function<String, RemotePush> registries,
      String prefix,
      Optional<ReadRate> rate,
      TransferCounts counts,
      BlobWork work,
      boolean dryRun) {
    this.source = source;
    this.registries = registries;
    this.prefix = prefix;
    this.rate = rate;
    this.counts = counts;
    this.work = work;
    this.dryRun = dryRun;
  }

  /**
   * Pushes an image, and reads back what its tag names there.
   *
   * @throws RefusedException when the other registry cannot have it
   * @throws io.registry.upstream.v2.RemoteException when the other registry does not take it
   * @throws IOException when its bytes cannot be read here, or are others than its digests say
   */
  Outcome add(Tagged image) throws IOException {
    String repository = repository(image.repository());
    String tag = image.tag().value();
    if (!ServedNames.isTag(tag)) {
      throw new RefusedException("V2 has no such tags");
    }
    RemotePush registry = registries.apply(repository);
    Digest digest = image.descriptor().digest();
    if (registry.manifest(repository, tag).filter(digest::equals).isPresent()) {
      note(image.repository(), repository, image.manifest());
      return new Outcome(Result.PRESENT, 0, named(repository, digest));
    }
    Walk walk = new Walk(image.repository(), repository, registry);
    walk.manifest(image.manifest(), Optional.of(tag));
    if (!dryRun && registry.manifest(repository, tag).filter(digest::equals).isEmpty()) {
      throw new RefusedException("The registry serves another manifest under the tag afterwards");
    }
    return new Outcome(
        dryRun ? Result.WOULD : Result.DONE, walk.bytes.sum(), named(repository, digest));
  }

  // What an earlier copy has sent there is mounted by the images that follow.
  private void note(RepositoryName from, String to, ServedManifest manifest) {
    Manifest parsed = source.parse(manifest);
    for (Descriptor blob : parsed.blobs()) {
      places.putIfAbsent(blob.digest(), to);
    }
    for (Manifest.Part child : parsed.children()) {
      source.manifest(from, child.descriptor().digest()).ifPresent(each -> note(from, to, each));
    }
  }

  private static String named(String repository, Digest digest) {
    return repository + "@" + digest;
  }

  private String repository(RepositoryName name) {
    return ServedNames.name(name)
        .map(served -> prefix + served)
        .filter(ServedNames::isName)
        .orElseThrow(() -> new RefusedException("V2 has no such repository names"));
  }

  /** Walks through the content of one image. */
  private final class Walk {
    private final RepositoryName from;
    private final String to;
    private final RemotePush registry;
    private final Set<Digest> seen = new HashSet<>();
    private final LongAdder bytes = new LongAdder();

    Walk(RepositoryName from, String to, RemotePush registry) {
      this.from = from;
      this.to = to;
      this.registry = registry;
    }

    void manifest(ServedManifest manifest, Optional<String> tag) throws IOException {
      if (!seen.add(manifest.digest())) {
        return;
      }
      Manifest parsed = source.parse(manifest);
      work.each(
          parsed.blobs().stream().filter(blob -> seen.add(blob.digest())).toList(), this::blob);
      for (Manifest.Part child : parsed.children()) {
        child(child);
      }
      String reference = tag.orElseGet(() -> manifest.digest().toString());
      if (!dryRun) {
        registry.putManifest(to, reference, manifest.mediaType(), manifest.bytes());
      }
      bytes.add(manifest.bytes().length);
      for (var referrer : source.referrers(from, manifest.digest())) {
        Optional<ServedManifest> found = source.manifest(from, referrer.descriptor().digest());
        if (found.isPresent()) {
          manifest(found.get(), Optional.empty());
        }
      }
    }

    private void child(Manifest.Part child) throws IOException {
      Digest digest = child.descriptor().digest();
      Optional<ServedManifest> found = source.manifest(from, digest);
      if (found.isPresent()) {
        manifest(found.get(), Optional.empty());
      } else if (source.has(from, digest)) {
        if (seen.add(digest)) {
          blob(child.descriptor());
        }
      } else if (!child.isElsewhere()) {
        throw new RefusedException("The index names " + digest + ", which is not there");
      }
    }

    private void blob(Descriptor blob) throws IOException {
      synchronized (locks.computeIfAbsent(blob.digest(), key -> new Object())) {
        if (!registry.hasBlob(to, blob.digest()) && !isMounted(blob.digest())) {
          send(blob);
        }
        places.putIfAbsent(blob.digest(), to);
      }
    }

    private boolean isMounted(Digest digest) {
      Optional<String> place =
          Optional.ofNullable(places.get(digest)).filter(other -> !other.equals(to));
      return place.isPresent() && (dryRun || registry.mount(to, digest, place.get()));
    }

    private void send(Descriptor blob) throws IOException {
      if (!dryRun) {
        registry.upload(to, new Sent(blob, source.blob(from, blob.digest())));
      }
      bytes.add(blob.size());
    }
  }

  /** A blob on its way. */
  private final class Sent implements Body {
    private final Descriptor descriptor;
    private final Content content;

    Sent(Descriptor descriptor, Content content) {
      this.descriptor = descriptor;
      this.content = content;
    }

    @Override
    public Descriptor descriptor() {
      return descriptor;
    }

    @Override
    public InputStream open() throws IOException {
      return content.open();
    }

    @Override
    public void sent(int count) {
      counts.addBytes(count);
      rate.ifPresent(limit -> limit.passed(count));
    }
  }
}
