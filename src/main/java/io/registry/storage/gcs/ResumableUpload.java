package io.registry.storage.gcs;

import com.google.api.client.http.EmptyContent;
import com.google.api.client.http.GenericUrl;
import com.google.api.client.http.HttpContent;
import com.google.api.client.http.HttpRequest;
import com.google.api.client.http.HttpResponse;
import com.google.api.client.http.json.JsonHttpContent;
import com.google.api.client.json.gson.GsonFactory;
import com.google.api.services.storage.model.StorageObject;
import io.registry.storage.BlobPart;
import io.registry.storage.gcs.GcsFailures.BrokenAnswerException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A resumable upload in several requests. The service knows its progress: after a failure it is
 * asked, and the upload continues from there. The object is invisible before the last request, and
 * the result of that request can be queried, too.
 */
final class ResumableUpload {
  private static final Logger log = LoggerFactory.getLogger(ResumableUpload.class);
  private static final Pattern PERSISTED = Pattern.compile("bytes=0-(\\d{1,18})");
  private static final int INCOMPLETE = 308;
  private static final int CANCELLED = 499;
  private static final int NOT_FOUND = 404;
  private static final int GONE = 410;

  private final GcsClient client;
  private final GcsAttempts attempts;
  private final String name;
  private final GenericUrl session;
  private final CRC32C sum = new CRC32C();
  private boolean ended;

  private ResumableUpload(GcsClient client, GcsAttempts attempts, String name, GenericUrl session) {
    this.client = client;
    this.attempts = attempts;
    this.name = name;
    this.session = session;
  }

  /** Starts an upload. */
  static ResumableUpload start(GcsClient client, GcsAttempts attempts, NewObject object)
      throws IOException {
    String location = attempts.run(() -> requestSession(client, object));
    return new ResumableUpload(client, attempts, object.name(), new GenericUrl(location));
  }

  private static String requestSession(GcsClient client, NewObject object) throws IOException {
    HttpRequest request =
        client
            .requests()
            .buildPostRequest(
                client.sessions(object.mustBeAbsent()),
                new JsonHttpContent(GsonFactory.getDefaultInstance(), object.metadata()));
    request.getHeaders().set("X-Upload-Content-Type", PartContent.TYPE);
    request.setThrowExceptionOnExecuteError(false);
    HttpResponse response = request.execute();
    try {
      if (!response.isSuccessStatusCode()) {
        throw GcsFailures.answered(response);
      }
      String location = response.getHeaders().getLocation();
      if (location == null) {
        throw new BrokenAnswerException("the service started an upload without saying where");
      }
      return location;
    } finally {
      response.ignore();
    }
  }

  /** Sends bytes that are not the last ones. */
  void send(long offset, BlobPart part) throws IOException {
    add(part);
    Optional<StorageObject> published = transfer(offset, part, false);
    if (published.isPresent()) {
      ended = true;
      attempts.run(() -> client.deleteGeneration(name, published.get().getGeneration()));
      throw new BrokenAnswerException("the service ended the upload before its end");
    }
  }

  /** Sends the last bytes, and thereby publishes the object. */
  StorageObject finish(long offset, BlobPart part) throws IOException {
    add(part);
    StorageObject object =
        transfer(offset, part, true)
            .orElseThrow(() -> new BrokenAnswerException("the service did not end the upload"));
    ended = true;
    verify(object, offset + part.size());
    return object;
  }

  /** Cancels the upload. Throws nothing. */
  void cancel() {
    if (ended) {
      return;
    }
    ended = true;
    try {
      attempts.run(this::requestCancellation);
    } catch (IOException e) {
      // The service forgets the upload after a week.
      log.warn("Could not cancel the upload of {}: {}", name, e.toString());
    }
  }

  private Boolean requestCancellation() throws IOException {
    HttpRequest request = client.requests().buildDeleteRequest(session);
    request.getHeaders().setContentLength(0L);
    request.setThrowExceptionOnExecuteError(false);
    HttpResponse response = request.execute();
    try {
      int status = response.getStatusCode();
      if (!response.isSuccessStatusCode()
          && status != CANCELLED
          && status != NOT_FOUND
          && status != GONE) {
        throw GcsFailures.answered(response);
      }
      return true;
    } finally {
      response.ignore();
    }
  }

  // Returns the object when the upload has ended.
  private Optional<StorageObject> transfer(long offset, BlobPart part, boolean last)
      throws IOException {
    long end = offset + part.size();
    long at = offset;
    boolean lost = false;
    GcsAttempts.Count count = attempts.count();
    while (true) {
      try {
        Progress progress =
            lost ? put(new EmptyContent(), "bytes */*", false) : put(part, offset, at, last);
        if (progress.object().isPresent()) {
          return progress.object();
        }
        long persisted = progress.persisted();
        if (persisted < offset || persisted > end) {
          throw new BrokenAnswerException(
              "the service has " + persisted + " bytes, and not " + offset + " to " + end);
        }
        boolean advanced = persisted > at;
        boolean asked = lost;
        at = persisted;
        lost = false;
        if (at == end && !last) {
          return Optional.empty();
        }
        if (advanced) {
          count.reset();
        } else if (!asked) {
          throw new IOException("the service took none of the bytes after " + at);
        }
      } catch (IOException e) {
        count.failed(e);
        lost = true;
      }
    }
  }

  private Progress put(BlobPart part, long offset, long at, boolean last) throws IOException {
    long end = offset + part.size();
    String total = last ? Long.toString(end) : "*";
    return at == end
        ? put(new EmptyContent(), "bytes */" + total, last)
        : put(
            new PartContent(part, at - offset),
            "bytes " + at + "-" + (end - 1) + "/" + total,
            last);
  }

  private Progress put(HttpContent content, String range, boolean last) throws IOException {
    HttpRequest request = client.requests().buildPutRequest(session, content);
    request.getHeaders().setContentRange(range);
    if (last) {
      // The service refuses to publish bytes with another checksum.
      request.getHeaders().set("X-Goog-Hash", "crc32c=" + Checksums.base64(sum));
    }
    request.setThrowExceptionOnExecuteError(false);
    request.setFollowRedirects(false);
    HttpResponse response = request.execute();
    try {
      return progress(response);
    } finally {
      response.ignore();
    }
  }

  private static Progress progress(HttpResponse response) throws IOException {
    int status = response.getStatusCode();
    if (status == INCOMPLETE) {
      return new Progress(persisted(response.getHeaders().getRange()), Optional.empty());
    }
    if (response.isSuccessStatusCode()) {
      return new Progress(0, Optional.of(response.parseAs(StorageObject.class)));
    }
    throw GcsFailures.answered(response);
  }

  private static long persisted(@Nullable String range) {
    Matcher matcher = PERSISTED.matcher(range == null ? "" : range);
    return matcher.matches() ? Long.parseLong(matcher.group(1)) + 1 : 0;
  }

  private void add(BlobPart part) throws IOException {
    byte[] buffer = new byte[8192];
    try (InputStream in = part.open()) {
      for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
        sum.update(buffer, 0, count);
      }
    }
  }

  // If the service has published something else all the same, the object is deleted.
  private void verify(StorageObject object, long size) throws IOException {
    String expected = Checksums.base64(sum);
    if (Download.info(object).size() == size && Checksums.agree(expected, object.getCrc32c())) {
      return;
    }
    attempts.run(() -> client.deleteGeneration(name, object.getGeneration()));
    throw new BrokenAnswerException(
        "the service stored "
            + object.getSize()
            + " bytes with the checksum "
            + object.getCrc32c()
            + " instead of "
            + size
            + " with "
            + expected);
  }

  /** The progress of the upload: with the object when it is complete. */
  private record Progress(long persisted, Optional<StorageObject> object) {}
}
