package io.registry.storage.s3;

import io.registry.storage.Blob;
import io.registry.storage.BlobInfo;
import io.registry.storage.BlobKey;
import io.registry.storage.ByteRange;
import io.registry.storage.ObjectNames;
import io.registry.storage.ResumingInputStream;
import io.registry.storage.StorageException;
import io.registry.storage.StorageException.Reason;
import io.registry.storage.StreamedBlob;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.ResponseInputStream;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;
import software.amazon.awssdk.services.s3.model.S3Exception;

/**
 * Reads objects. The request has a range even for a whole object: the response then states the size
 * twice, in Content-Range and in Content-Length, so that a damaged response does not look like a
 * short object.
 */
final class S3Reader {
  private static final Pattern CONTENT_RANGE =
      Pattern.compile("bytes ([0-9]{1,18})-([0-9]{1,18})/([0-9]{1,18})");

  /** The Content-Range that AWS, Ceph and MinIO send for an empty object. */
  private static final Pattern EMPTY = Pattern.compile("null|bytes \\*/0|bytes 0--1/0");

  private static final int UNSATISFIABLE = 416;

  /**
   * Up to how many times a read is repeated because the object was replaced or the response
   * damaged.
   */
  private static final int ATTEMPTS = 5;

  private final S3Client client;
  private final S3StorageProperties settings;
  private final ObjectNames names;
  private final S3Failures failures;

  S3Reader(S3Client client, S3StorageProperties settings, ObjectNames names, S3Failures failures) {
    this.client = client;
    this.settings = settings;
    this.names = names;
    this.failures = failures;
  }

  Optional<BlobInfo> stat(BlobKey key) {
    if (!names.isPossible(key)) {
      return Optional.empty();
    }
    try {
      HeadObjectResponse head =
          client.headObject(request -> request.bucket(settings.bucket()).key(names.of(key)));
      if (head.contentLength() == null || head.eTag() == null) {
        throw failures.failure(
            "look up", key, new IOException("the store tells neither size nor version"));
      }
      return Optional.of(
          new BlobInfo(head.contentLength(), version(head.eTag(), head.lastModified())));
    } catch (S3Exception e) {
      if (S3Failures.isAbsence(e) || (S3Failures.isNotFound(e) && !isListed(key))) {
        return Optional.empty();
      }
      throw failures.failure("look up", key, e);
    } catch (SdkException e) {
      throw failures.failure("look up", key, e);
    }
  }

  // A 404 response to HEAD does not reveal whether it is from the store. A listing is unambiguous.
  private boolean isListed(BlobKey key) {
    try {
      return client
          .listObjectsV2(
              request -> request.bucket(settings.bucket()).prefix(names.of(key)).maxKeys(1))
          .contents()
          .stream()
          .anyMatch(object -> object.key().equals(names.of(key)));
    } catch (SdkException e) {
      throw failures.failure("look up", key, e);
    }
  }

  Optional<Blob> open(BlobKey key, ByteRange range) {
    if (!names.isPossible(key)) {
      return Optional.empty();
    }
    IOException damage = new IOException("it is replaced all the time");
    for (int attempt = 1; attempt <= ATTEMPTS; attempt++) {
      try {
        return Optional.of(openOnce(key, range));
      } catch (NothingSentException e) {
        Optional<BlobInfo> info = stat(key);
        if (info.isEmpty()) {
          return Optional.empty();
        }
        // Throws when the range is past the end. Otherwise the object is empty, or was replaced.
        if (range.length(info.get().size()) == 0) {
          return Optional.of(new StreamedBlob(info.get(), range, InputStream.nullInputStream()));
        }
        damage = e;
      } catch (S3Exception e) {
        if (S3Failures.isAbsence(e)) {
          return Optional.empty();
        }
        if (!S3Failures.isUnclear(e)) {
          throw failures.failure("open", key, e);
        }
        if (!isListed(key)) {
          return Optional.empty();
        }
        damage = new IOException("the store has the object, but did not send it", e);
      } catch (SdkException e) {
        throw failures.failure("open", key, e);
      } catch (IOException e) {
        damage = e;
      }
    }
    throw failures.failure("open", key, damage);
  }

  private Blob openOnce(BlobKey key, ByteRange range) throws IOException {
    ResponseInputStream<GetObjectResponse> response = get(key, range);
    boolean opened = false;
    try {
      GetObjectResponse head = response.response();
      if (isWithoutBytes(head)) {
        throw new NothingSentException("the store sent nothing: " + head.contentRange(), null);
      }
      long size = size(head);
      long offset = range.offset(size);
      long length = range.length(size);
      requirePart(head, offset, length);
      InputStream body =
          new ResumingInputStream(
              key,
              new S3ObjectStream(response, length),
              length,
              settings.attempts(),
              new Rest(key, head.eTag(), offset, offset + length));
      opened = true;
      return new StreamedBlob(
          new BlobInfo(size, version(head.eTag(), head.lastModified())), range, body);
    } finally {
      if (!opened) {
        response.abort();
      }
    }
  }

  private ResponseInputStream<GetObjectResponse> get(BlobKey key, ByteRange range)
      throws NothingSentException {
    try {
      return client.getObject(
          request -> request.bucket(settings.bucket()).key(names.of(key)).range(header(range)));
    } catch (S3Exception e) {
      if (e.statusCode() == UNSATISFIABLE) {
        throw new NothingSentException("the store has no such bytes", e);
      }
      throw e;
    }
  }

  private static String header(ByteRange range) {
    if (range.first() < 0) {
      return "bytes=" + range.first();
    }
    return range.last() >= Long.MAX_VALUE - 1
        ? "bytes=" + range.first() + "-"
        : "bytes=" + range.first() + "-" + range.last();
  }

  private static boolean isWithoutBytes(GetObjectResponse head) {
    return Long.valueOf(0).equals(head.contentLength())
        && EMPTY.matcher(String.valueOf(head.contentRange())).matches();
  }

  private static long size(GetObjectResponse head) throws IOException {
    return Long.parseLong(contentRange(head).group(3));
  }

  private static void requirePart(GetObjectResponse head, long offset, long length)
      throws IOException {
    Matcher range = contentRange(head);
    if (!Long.valueOf(length).equals(head.contentLength())
        || head.eTag() == null
        || Long.parseLong(range.group(1)) != offset
        || Long.parseLong(range.group(2)) != offset + length - 1) {
      throw new IOException(
          "asked for %d bytes from %d on, the store announces %d bytes as %s"
              .formatted(length, offset, head.contentLength(), head.contentRange()));
    }
  }

  private static Matcher contentRange(GetObjectResponse head) throws IOException {
    Matcher range = CONTENT_RANGE.matcher(String.valueOf(head.contentRange()));
    if (!range.matches()) {
      throw new IOException("the store does not say which part it sends: " + head.contentRange());
    }
    return range;
  }

  // When the same bytes are written again, the version changes, like with the other drivers.
  static String version(String etag, @Nullable Instant modified) {
    String bare = etag.replaceAll("[^A-Za-z0-9._-]", "");
    return modified == null ? bare : bare + "-" + Long.toHexString(modified.getEpochSecond());
  }

  /**
   * The response has no bytes: the object is empty, or the range past the end; stores differ here.
   */
  private static final class NothingSentException extends IOException {
    private static final long serialVersionUID = 1L;

    NothingSentException(String problem, @Nullable Throwable cause) {
      super(problem, cause);
    }
  }

  /** Resumes an interrupted read of an object. */
  private final class Rest implements ResumingInputStream.Source {
    private final BlobKey key;
    private final String etag;
    private final long offset;
    private final long end;

    Rest(BlobKey key, String etag, long offset, long end) {
      this.key = key;
      this.etag = etag;
      this.offset = offset;
      this.end = end;
    }

    @Override
    public InputStream openFrom(long position) throws IOException {
      long first = offset + position;
      ResponseInputStream<GetObjectResponse> response;
      try {
        response =
            client.getObject(
                request ->
                    request
                        .bucket(settings.bucket())
                        .key(names.of(key))
                        .ifMatch(etag)
                        .range("bytes=" + first + "-" + (end - 1)));
      } catch (SdkException e) {
        StorageException failure = failures.failure("read", key, e);
        if (failure.reason() == Reason.UNAVAILABLE) {
          throw new IOException(e);
        }
        throw failure;
      }
      boolean opened = false;
      try {
        if (!etag.equals(response.response().eTag())) {
          throw failures.failure(
              "read", key, new IllegalStateException("it was replaced while it was read"));
        }
        requirePart(response.response(), first, end - first);
        opened = true;
        return new S3ObjectStream(response, end - first);
      } finally {
        if (!opened) {
          response.abort();
        }
      }
    }

    @Override
    public StorageException failure(IOException cause) {
      return failures.failure("read", key, cause);
    }
  }
}
