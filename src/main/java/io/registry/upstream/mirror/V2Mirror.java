package io.registry.upstream.mirror;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.registry.bridge.BridgedBlob;
import io.registry.content.image.ImageId;
import io.registry.content.image.Pusher;
import io.registry.content.manifest.BlobStore;
import io.registry.content.manifest.Descriptor;
import io.registry.content.manifest.Digest;
import io.registry.content.manifest.Manifest;
import io.registry.content.manifest.ManifestParser;
import io.registry.content.manifest.ManifestParser.Received;
import io.registry.content.manifest.RepositoryContent;
import io.registry.content.repository.MaybeStale;
import io.registry.content.repository.RepositoryName;
import io.registry.content.repository.TagName;
import io.registry.platform.concurrent.SharedWork;
import io.registry.platform.concurrent.SingleFlight;
import io.registry.platform.problem.Problem;
import io.registry.platform.problem.RegistryException;
import io.registry.service.UpstreamContent;
import io.registry.service.V1Candidate;
import io.registry.service.V1Counterparts;
import io.registry.storage.BlobInfo;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Content of a source that speaks V2. Manifests and blobs are stored as the source has them, in the
 * repository that they are asked for in; tags are not stored. V1 images are made when a V1 client
 * asks for the first part of one.
 */
final class V2Mirror implements UpstreamContent, AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(V2Mirror.class);

  /** One identity for all replicas of a mirror, because they fetch for the same clients. */
  private static final Pusher MIRROR = new Pusher("mirror");

  private static final int BYTES_PER_ENTRY = 300;
  private static final int MAX_KNOWN = 100_000;

  /** Up to how many tags of a repository V1 clients see. */
  private static final int MAX_TAGS = 1_000;

  private static final int THREADS = 16;
  private static final int MAX_WAITING = 10_000;
  private static final int KEEP_ALIVE_SECONDS = 30;

  private final ProtocolDetection protocol;
  private final FetchedBlob.Parts parts;
  private final ManifestParser parser;
  private final Supplier<V1Counterparts> counterparts;
  private final Duration patience;
  private final AnswerCache<RepositoryName, Set<String>> tagLists;
  private final AnswerCache<TagKey, Digest> tags;
  private final AnswerCache<FetchedBlob.Key, Digest> manifests;
  private final AnswerCache<FetchedBlob.Key, Long> blobs;
  private final ThreadPoolExecutor threads;
  private final SharedWork<TagKey, MaybeStale<ImageId>> underWay = new SharedWork<>();
  private final SingleFlight<ImageId, Boolean> images = new SingleFlight<>();

  /** What V1 clients get for a manifest. */
  private final Cache<FetchedBlob.Key, V1Candidate> candidates =
      Caffeine.newBuilder().maximumSize(MAX_KNOWN).build();

  /** Which images V1 clients were shown. */
  private final Cache<ImageId, Shown> shown = Caffeine.newBuilder().maximumSize(MAX_KNOWN).build();

  /** The key of a tag. */
  private record TagKey(RepositoryName repository, TagName tag) {}

  /** An image that V1 clients were shown. */
  private record Shown(RepositoryName repository, V1Candidate candidate) {}

  V2Mirror(
      ProtocolDetection protocol,
      FetchedBlob.Parts parts,
      ManifestParser parser,
      Supplier<V1Counterparts> counterparts,
      MirrorMemory memory) {
    this.protocol = protocol;
    this.parts = parts;
    this.parser = parser;
    this.counterparts = counterparts;
    this.patience = memory.settings().timeout();
    this.tagLists = memory.of((repository, names) -> names.size() * BYTES_PER_ENTRY);
    this.tags = memory.of((key, digest) -> BYTES_PER_ENTRY);
    this.manifests = memory.of((key, digest) -> BYTES_PER_ENTRY);
    this.blobs = memory.of((key, size) -> BYTES_PER_ENTRY);
    this.threads =
        new ThreadPoolExecutor(
            THREADS,
            THREADS,
            KEEP_ALIVE_SECONDS,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(MAX_WAITING),
            task -> {
              Thread thread = new Thread(task, "mirror-tags");
              thread.setDaemon(true);
              return thread;
            });
    threads.allowCoreThreadTimeOut(true);
  }

  @Override
  public MaybeStale<Set<String>> tags(RepositoryName repository) {
    return tagLists.get(repository, () -> overV2(() -> parts.source().tags(repository)));
  }

  @Override
  public MaybeStale<Digest> manifest(RepositoryName repository, TagName tag) {
    return tags.get(new TagKey(repository, tag), () -> overV2(() -> look(repository, tag.value())));
  }

  private Optional<Digest> look(RepositoryName repository, String tag) {
    Optional<V2Source.Tagged> tagged = parts.source().tag(repository, tag);
    if (tagged.isEmpty()) {
      return Optional.empty();
    }
    return tagged
        .flatMap(V2Source.Tagged::digest)
        .filter(digest -> isHere(repository, digest))
        .or(() -> parts.source().manifest(repository, tag).flatMap(sent -> keep(repository, sent)));
  }

  @Override
  public MaybeStale<Digest> manifest(RepositoryName repository, Digest digest) {
    return manifests.get(
        new FetchedBlob.Key(repository, digest),
        () ->
            overV2(
                () ->
                    parts
                        .source()
                        .manifest(repository, digest)
                        .flatMap(sent -> keep(repository, sent))));
  }

  private <V> Optional<V> overV2(Supplier<Optional<V>> question) {
    return protocol.isV2() ? question.get() : Optional.empty();
  }

  private boolean isHere(RepositoryName repository, Digest digest) {
    return parts.content().findManifest(repository, digest).isPresent()
        && parts.blobs().size(digest).isPresent();
  }

  // As for a push, but that what it names may come later.
  private Optional<Digest> keep(RepositoryName repository, V2Source.Sent sent) {
    Received received;
    try {
      received = parser.receive(sent.mediaType(), sent.bytes());
    } catch (RegistryException e) {
      log.warn(
          "The manifest {} of {} at the source is refused: {}",
          sent.digest(),
          repository,
          e.getMessage());
      return Optional.empty();
    }
    BlobStore store = parts.blobs();
    RepositoryContent content = parts.content();
    Digest digest = sent.digest();
    Manifest manifest = received.manifest();
    store.write(digest, received.content());
    if (content.findManifest(repository, digest).isEmpty()) {
      content.add(
          repository,
          new Descriptor(manifest.mediaType(), digest, received.content().length),
          manifest,
          Optional.empty(),
          received.form());
    }
    return Optional.of(digest);
  }

  @Override
  public MaybeStale<BridgedBlob> blob(RepositoryName repository, Digest digest) {
    MaybeStale<FetchedBlob> found = find(repository, digest);
    return new MaybeStale<>(found.value().map(blob -> blob), found.isStale());
  }

  private MaybeStale<FetchedBlob> find(RepositoryName repository, Digest digest) {
    MaybeStale<Long> size =
        blobs.get(
            new FetchedBlob.Key(repository, digest),
            () ->
                overV2(
                    () ->
                        parts
                            .source()
                            .blob(repository, digest)
                            .map(told -> told.orElse(BlobInfo.UNKNOWN_SIZE))));
    return new MaybeStale<>(
        size.value().map(bytes -> new FetchedBlob(repository, digest, bytes, parts)),
        size.isStale());
  }

  @Override
  public MaybeStale<ImageId> image(RepositoryName repository, TagName tag) {
    MaybeStale<Digest> manifest = manifest(repository, tag);
    try {
      return new MaybeStale<>(
          manifest.value().flatMap(digest -> show(repository, digest)), manifest.isStale());
    } catch (RegistryException e) {
      log.info("{}:{} of the source has no V1 image yet: {}", repository, tag, e.getMessage());
      return new MaybeStale<>(Optional.empty(), true);
    }
  }

  private Optional<ImageId> show(RepositoryName repository, Digest digest) {
    FetchedBlob.Key key = new FetchedBlob.Key(repository, digest);
    Optional<V1Candidate> candidate =
        Optional.ofNullable(candidates.getIfPresent(key))
            .or(() -> counterparts.get().plan(repository, digest));
    candidate.ifPresent(
        found -> {
          candidates.put(key, found);
          shown.put(found.image(), new Shown(repository, found));
        });
    return candidate.map(V1Candidate::image);
  }

  // Daemons up to 1.5 ask for all tags before they pull one.
  @Override
  public MaybeStale<Map<String, ImageId>> images(RepositoryName repository) {
    MaybeStale<Set<String>> names = tags(repository);
    if (names.value().isEmpty()) {
      return new MaybeStale<>(Optional.empty(), names.isStale());
    }
    Map<String, CompletableFuture<MaybeStale<ImageId>>> asked = new LinkedHashMap<>();
    for (String name : names.value().get()) {
      TagName.find(name)
          .filter(tag -> asked.size() < MAX_TAGS)
          .ifPresent(
              tag ->
                  asked.put(
                      name,
                      underWay.of(new TagKey(repository, tag), () -> begin(repository, tag))));
    }
    boolean isStale = names.isStale();
    Map<String, ImageId> found = new TreeMap<>();
    long end = System.nanoTime() + patience.toNanos();
    for (Map.Entry<String, CompletableFuture<MaybeStale<ImageId>>> tag : asked.entrySet()) {
      MaybeStale<ImageId> image = await(tag.getValue(), end - System.nanoTime());
      isStale |= image.isStale();
      image.value().ifPresent(id -> found.put(tag.getKey(), id));
    }
    return new MaybeStale<>(Optional.of(found), isStale);
  }

  private CompletableFuture<MaybeStale<ImageId>> begin(RepositoryName repository, TagName tag) {
    try {
      return CompletableFuture.supplyAsync(() -> image(repository, tag), threads);
    } catch (RejectedExecutionException e) {
      return CompletableFuture.completedFuture(new MaybeStale<>(Optional.empty(), true));
    }
  }

  // What takes longer goes on, and is there for the next client.
  private static MaybeStale<ImageId> await(
      CompletableFuture<MaybeStale<ImageId>> image, long nanos) {
    try {
      return image.get(Math.max(0, nanos), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      return new MaybeStale<>(Optional.empty(), true);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RegistryException(Problem.UNAVAILABLE, "The server stops", e);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof RuntimeException failure
          ? failure
          : new IllegalStateException("A tag of the source could not be read", e);
    }
  }

  /**
   * Makes a V1 image that a client was shown, with all its parents.
   *
   * @param isThere whether the image is in the store by now
   * @return false when no client was shown such an image, or it cannot be made
   * @throws RegistryException {@code UNAVAILABLE} when the source does not deliver its layers
   */
  boolean make(ImageId id, Supplier<Boolean> isThere) {
    Shown image = shown.getIfPresent(id);
    return image != null
        && images.get(
            id, () -> Optional.of(true).filter(unused -> isThere.get()), () -> make(image));
  }

  private boolean make(Shown image) {
    RepositoryName repository = image.repository();
    V1Candidate candidate = image.candidate();
    List<FetchedBlob> layers = new ArrayList<>();
    for (Descriptor layer : candidate.layers()) {
      if (!hasLayer(repository, layer.digest())) {
        Optional<FetchedBlob> found = find(repository, layer.digest()).value();
        layers.add(found.orElseThrow(() -> absent(layer)));
      }
    }
    parts.fetches().fetch(layers);
    return counterparts
        .get()
        .make(repository, candidate.manifest(), MIRROR)
        .filter(candidate.image()::equals)
        .isPresent();
  }

  private boolean hasLayer(RepositoryName repository, Digest digest) {
    return parts.content().findBlob(repository, digest).isPresent()
        && parts.blobs().size(digest).isPresent();
  }

  private static RegistryException absent(Descriptor layer) {
    return new RegistryException(
        Problem.UNAVAILABLE,
        "The source of this mirror does not deliver the layer " + layer.digest());
  }

  /** Ends what is under way. */
  @Override
  public void close() {
    threads.shutdownNow();
  }
}
