package io.registry.storage.s3;

import io.registry.storage.Blob;
import io.registry.storage.BlobEntry;
import io.registry.storage.BlobInfo;
import io.registry.storage.BlobKey;
import io.registry.storage.BlobStorage;
import io.registry.storage.BlobWriter;
import io.registry.storage.ByteRange;
import io.registry.storage.ObjectNames;
import io.registry.storage.PartSizes;
import io.registry.storage.StorageException.Reason;
import io.registry.storage.s3.ConditionalWrites.Kept;
import io.registry.storage.s3.S3BlobWriter.Publication;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.ObjectIdentifier;
import software.amazon.awssdk.services.s3.model.S3Error;
import software.amazon.awssdk.services.s3.model.S3Exception;
import software.amazon.awssdk.services.s3.model.S3Object;
import software.amazon.awssdk.services.s3.paginators.ListObjectsV2Iterable;

/**
 * The S3 driver: stores blobs as objects of a bucket, with the names that the original's S3 driver
 * used (protocol 5.4). The store replaces objects atomically.
 */
final class S3BlobStorage implements BlobStorage {
  private static final Logger log = LoggerFactory.getLogger(S3BlobStorage.class);

  /** The largest number of objects that S3 deletes with one request. */
  private static final int DELETE_AT_ONCE = 1000;

  private static final int NOT_IMPLEMENTED = 501;
  private static final long MAX_PART = 5L * 1024 * 1024 * 1024;
  private static final Duration PROBE_TIMEOUT = Duration.ofSeconds(3);

  private final S3Client client;
  private final S3StorageProperties settings;
  private final S3Links links;
  private final ObjectNames names;
  private final S3Failures failures;
  private final S3Reader reader;
  private final S3Uploads uploads;
  private final ConditionalWrites conditionalWrites;
  private final PartSizes partSizes;
  private final Path folder = Path.of(System.getProperty("java.io.tmpdir"));

  /**
   * Creates a store, without sending a request.
   *
   * @param client closed by its owner, and so are the links
   * @param settings the settings of the bucket
   * @param links the URLs to which clients are redirected
   */
  S3BlobStorage(S3Client client, S3StorageProperties settings, S3Links links) {
    this.client = client;
    this.settings = settings;
    this.links = links;
    this.names = new ObjectNames(settings.prefix());
    this.failures = new S3Failures(settings.bucket(), target());
    this.reader = new S3Reader(client, settings, names, failures);
    this.uploads = new S3Uploads(client, settings);
    this.conditionalWrites = new ConditionalWrites(uploads, settings.endpoint().isBlank(), folder);
    this.partSizes = new PartSizes(settings.partSize().toBytes(), MAX_PART);
  }

  /**
   * Checks at the start that the store can be used.
   *
   * @throws io.registry.storage.SetupException when the store refuses; one that does not answer may
   *     do so later
   */
  void checkSetup() {
    try {
      listOne();
      log.info("The store is {}", describe());
    } catch (SdkException e) {
      if (S3Failures.reason(e) != Reason.UNAVAILABLE) {
        throw failures.setup(e);
      }
      log.warn("The store {} does not answer, going on without it: {}", target(), e.toString());
    }
  }

  @Override
  public Optional<Blob> open(BlobKey key, ByteRange range) {
    return reader.open(key, range);
  }

  @Override
  public Optional<BlobInfo> stat(BlobKey key) {
    return reader.stat(key);
  }

  @Override
  public BlobWriter create(BlobKey key) {
    return writer(key, Publication.REPLACE);
  }

  @Override
  public BlobWriter createIfAbsent(BlobKey key) {
    Kept kept = guard("create", key, () -> conditionalWrites.kept(names.prefix(), this::remove));
    return writer(
        key,
        switch (kept) {
          case FOR_ALL -> Publication.IF_ABSENT;
          case FOR_WHOLE_OBJECTS -> Publication.IF_ABSENT_LOOKING_FOR_PARTS;
          case FOR_NONE -> Publication.LOOK_AND_REPLACE;
        });
  }

  @Override
  public boolean writesOnce() {
    return guard(
            "try out",
            BlobKey.of("_conditional"),
            () -> conditionalWrites.kept(names.prefix(), this::remove))
        != Kept.FOR_NONE;
  }

  @Override
  public boolean copy(BlobKey from, BlobKey to) {
    return names.isPossible(from)
        && guard("copy", from, () -> uploads.copy(names.of(from), names.of(to), MAX_PART));
  }

  private BlobWriter writer(BlobKey key, Publication publication) {
    return new S3BlobWriter(uploads, failures, publication, key, names.of(key), partSizes, folder);
  }

  @Override
  public void delete(BlobKey key) {
    if (names.isPossible(key)) {
      guard(
          "delete",
          key,
          () -> {
            remove(names.of(key));
            return true;
          });
    }
  }

  private void remove(String name) {
    try {
      client.deleteObject(request -> request.bucket(settings.bucket()).key(name));
    } catch (S3Exception e) {
      if (!S3Failures.isAbsence(e)) {
        throw e;
      }
    }
  }

  @Override
  public void deleteAll(Collection<BlobKey> keys) {
    List<BlobKey> all = keys.stream().filter(names::isPossible).toList();
    for (int from = 0; from < all.size(); from += DELETE_AT_ONCE) {
      deleteSome(all.subList(from, Math.min(from + DELETE_AT_ONCE, all.size())));
    }
  }

  private void deleteSome(List<BlobKey> keys) {
    List<ObjectIdentifier> objects =
        keys.stream().map(key -> ObjectIdentifier.builder().key(names.of(key)).build()).toList();
    List<S3Error> errors = new ArrayList<>();
    try {
      errors.addAll(
          client
              .deleteObjects(
                  request ->
                      request
                          .bucket(settings.bucket())
                          .delete(delete -> delete.quiet(true).objects(objects)))
              .errors());
    } catch (S3Exception e) {
      if (e.statusCode() != NOT_IMPLEMENTED) {
        throw failures.failure("delete", keys.get(0), e);
      }
      keys.forEach(this::delete);
    } catch (SdkException e) {
      throw failures.failure("delete", keys.get(0), e);
    }
    errors.stream()
        .filter(error -> !"NoSuchKey".equals(error.code()))
        .findFirst()
        .ifPresent(
            error -> {
              throw failures.failure(error);
            });
  }

  @Override
  public Stream<BlobEntry> list(BlobKey prefix) {
    String below = names.below(prefix);
    return pages(prefix, ListObjectsV2Iterable::contents)
        .filter(object -> BlobKey.isComponent(object.key().substring(below.length())))
        .flatMap(object -> entry(prefix, object, object.key().substring(below.length())).stream());
  }

  @Override
  public Stream<String> folders(BlobKey prefix) {
    int start = names.below(prefix).length();
    return pages(prefix, ListObjectsV2Iterable::commonPrefixes)
        .map(folder -> folder.prefix().substring(start, folder.prefix().length() - 1))
        .filter(BlobKey::isComponent);
  }

  private <T> Stream<T> pages(BlobKey prefix, Function<ListObjectsV2Iterable, Iterable<T>> part) {
    if (!names.isPossible(prefix)) {
      return Stream.empty();
    }
    String below = names.below(prefix);
    Iterator<T> found =
        guard(
            "list",
            prefix,
            () ->
                part.apply(
                        client.listObjectsV2Paginator(
                            request ->
                                request.bucket(settings.bucket()).prefix(below).delimiter("/")))
                    .iterator());
    Iterator<T> guarded =
        new Iterator<>() {
          @Override
          public boolean hasNext() {
            return guard("list", prefix, found::hasNext);
          }

          @Override
          public T next() {
            return guard("list", prefix, found::next);
          }
        };
    return StreamSupport.stream(
        Spliterators.spliteratorUnknownSize(guarded, Spliterator.ORDERED | Spliterator.NONNULL),
        false);
  }

  // Some servers list an object that is being replaced without its ETag.
  private Optional<BlobEntry> entry(BlobKey prefix, S3Object object, String name) {
    Optional<BlobInfo> info =
        object.eTag() == null
            ? stat(prefix.child(name))
            : Optional.of(
                new BlobInfo(
                    object.size(), S3Reader.version(object.eTag(), object.lastModified())));
    Instant modified = object.lastModified() == null ? Instant.EPOCH : object.lastModified();
    return info.map(found -> new BlobEntry(name, found, modified));
  }

  @Override
  public String describe() {
    return S3Failures.DRIVER + " (" + target() + ")";
  }

  @Override
  public void probe() {
    try {
      listOne();
    } catch (SdkException e) {
      throw failures.failure("probe", BlobKey.of("images"), e);
    }
  }

  @Override
  public Optional<URI> downloadUrl(BlobKey key) {
    return guard("sign a link to", key, () -> links.to(names.of(key)));
  }

  private void listOne() {
    client.listObjectsV2(
        request ->
            request
                .bucket(settings.bucket())
                .prefix(names.prefix())
                .maxKeys(1)
                .overrideConfiguration(config -> config.apiCallTimeout(PROBE_TIMEOUT)));
  }

  private <T> T guard(String operation, BlobKey key, Supplier<T> call) {
    try {
      return call.get();
    } catch (SdkException e) {
      throw failures.failure(operation, key, e);
    }
  }

  private String target() {
    String at = settings.endpoint().isBlank() ? "" : " at " + settings.endpoint();
    return settings.bucket() + "/" + names.prefix() + at;
  }
}
