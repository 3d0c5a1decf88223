package io.registry.storage.gcs;

import com.google.api.client.http.GenericUrl;
import com.google.api.client.http.HttpHeaders;
import com.google.api.client.http.HttpRequest;
import com.google.api.client.http.HttpResponse;
import com.google.api.services.storage.Storage;
import com.google.api.services.storage.model.StorageObject;
import io.registry.storage.BlobInfo;
import io.registry.storage.ByteRange;
import io.registry.storage.UnsatisfiableRangeException;
import io.registry.storage.gcs.GcsFailures.BrokenAnswerException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A download of an object or a part of it, with the metadata in the same response. The request
 * always has a range, because then the response states the size twice.
 *
 * @param size of the whole object in bytes
 * @param version its generation
 * @param offset the position of the first byte in the object
 * @param length the number of bytes
 * @param body the bytes; closing it early closes the connection
 */
record Download(long size, String version, long offset, long length, InputStream body) {
  private static final Pattern CONTENT_RANGE =
      Pattern.compile("bytes (\\d{1,18})-(\\d{1,18})/(\\d{1,18})");
  private static final Pattern UNSATISFIED = Pattern.compile("bytes \\*/(\\d{1,18})");
  private static final int OK = 200;
  private static final int PARTIAL = 206;
  private static final int UNSATISFIABLE = 416;

  /**
   * Opens an object, or a part of it.
   *
   * @throws UnsatisfiableRangeException when the object ends before the range begins
   */
  static Download open(GcsClient client, String name, ByteRange range) throws IOException {
    HttpResponse response = request(client.get(name), client, header(range));
    return orClose(response, () -> read(client, name, range, response));
  }

  /** Opens the rest of a range of one generation of an object. */
  static InputStream resume(GcsClient client, String name, String version, long first, long last)
      throws IOException {
    Storage.Objects.Get get = client.get(name).setGeneration(Long.valueOf(version));
    HttpResponse response = request(get, client, "bytes=" + first + "-" + last);
    return orClose(
        response,
        () -> {
          if (response.getStatusCode() != PARTIAL) {
            throw unexpected(response);
          }
          Span span = span(response);
          if (span.first() != first || span.last() != last) {
            throw new IOException("the service sent other bytes than it was asked for");
          }
          return response.getContent();
        });
  }

  private static HttpResponse request(Storage.Objects.Get get, GcsClient client, String range)
      throws IOException {
    get.set("alt", "media");
    GenericUrl url = get.buildHttpRequestUrl();
    HttpRequest request = client.requests().buildGetRequest(url);
    request.getHeaders().setRange(range);
    // The stored bytes are needed, not decompressed ones.
    request.setResponseReturnRawInputStream(true);
    request.setThrowExceptionOnExecuteError(false);
    return request.execute();
  }

  private static String header(ByteRange range) {
    if (range.first() < 0) {
      return "bytes=" + range.first();
    }
    return "bytes="
        + range.first()
        + "-"
        + (range.last() == Long.MAX_VALUE ? "" : Long.toString(range.last()));
  }

  private static Download read(
      GcsClient client, String name, ByteRange range, HttpResponse response) throws IOException {
    if (response.getStatusCode() == UNSATISFIABLE || isEmpty(response)) {
      return nothing(client, name, range, response);
    }
    return switch (response.getStatusCode()) {
      case PARTIAL -> part(range, response);
      case OK -> whole(range, response);
      default -> throw explained(client, name, unexpected(response));
    };
  }

  // The last bytes of an empty object are a success (RFC 9110, 14.1.2), for which there is no valid
  // Content-Range.
  private static boolean isEmpty(HttpResponse response) {
    Long sent = response.getHeaders().getContentLength();
    return response.isSuccessStatusCode() && sent != null && sent == 0;
  }

  // The metadata are always answered in JSON, whose 404 is clear.
  private static IOException explained(GcsClient client, String name, IOException failure)
      throws IOException {
    if (!GcsFailures.isUnclear(failure)) {
      return failure;
    }
    stat(client, name);
    return new IOException("the service has the object, but did not send it", failure);
  }

  private static Download part(ByteRange range, HttpResponse response) throws IOException {
    Span span = span(response);
    long length = span.last() - span.first() + 1;
    if (span.first() != range.offset(span.size()) || length != range.length(span.size())) {
      throw new IOException("the service sent other bytes than it was asked for");
    }
    return new Download(
        span.size(), version(response.getHeaders()), span.first(), length, response.getContent());
  }

  // A service may ignore the range. Then only the stored length confirms that the response is
  // complete.
  private static Download whole(ByteRange range, HttpResponse response) throws IOException {
    Long sent = response.getHeaders().getContentLength();
    String stored = response.getHeaders().getFirstHeaderStringValue("x-goog-stored-content-length");
    if (!range.equals(ByteRange.ALL) || sent == null || !sent.toString().equals(stored)) {
      throw new IOException("the service sent the whole object, of unconfirmed length");
    }
    return new Download(sent, version(response.getHeaders()), 0, sent, response.getContent());
  }

  // An empty object has no byte that a range could request.
  private static Download nothing(
      GcsClient client, String name, ByteRange range, HttpResponse response) throws IOException {
    Optional<BlobInfo> info = info(response);
    response.disconnect();
    BlobInfo found = info.isPresent() ? info.get() : stat(client, name);
    if (found.size() > 0 && range.equals(ByteRange.ALL)) {
      throw new IOException("the service sent nothing of " + found.size() + " bytes");
    }
    long offset = range.offset(found.size());
    if (found.size() > 0) {
      throw new IOException("the service has bytes from " + offset + " on, but did not send them");
    }
    return new Download(0, found.version(), 0, 0, InputStream.nullInputStream());
  }

  private static Optional<BlobInfo> info(HttpResponse response) {
    String version = generation(response.getHeaders());
    String range = response.getHeaders().getContentRange();
    Matcher size = UNSATISFIED.matcher(range == null ? "" : range);
    return version == null || !size.matches()
        ? Optional.empty()
        : Optional.of(new BlobInfo(Long.parseLong(size.group(1)), version));
  }

  /** Reads size and generation of an object. */
  static BlobInfo stat(GcsClient client, String name) throws IOException {
    StorageObject found = GcsClient.ask(client.get(name).setFields("generation,size"));
    return info(found);
  }

  /**
   * Size and generation in the metadata of an object. A service may omit a size of 0, as JSON
   * libraries do.
   */
  static BlobInfo info(StorageObject found) throws IOException {
    if (found.getGeneration() == null) {
      throw new BrokenAnswerException("the service does not say which generation it has");
    }
    return new BlobInfo(
        found.getSize() == null ? 0 : found.getSize().longValue(),
        found.getGeneration().toString());
  }

  private static Span span(HttpResponse response) throws IOException {
    String range = response.getHeaders().getContentRange();
    Matcher matcher = CONTENT_RANGE.matcher(range == null ? "" : range);
    if (!matcher.matches()) {
      throw new IOException("the service does not say which bytes it sends: " + range);
    }
    requireStoredForm(response.getHeaders());
    Span span =
        new Span(
            Long.parseLong(matcher.group(1)),
            Long.parseLong(matcher.group(2)),
            Long.parseLong(matcher.group(3)));
    Long sent = response.getHeaders().getContentLength();
    if (sent != null && sent != span.last() - span.first() + 1) {
      throw new IOException("the service announces " + range + ", but sends " + sent + " bytes");
    }
    return span;
  }

  // The range does not apply to bytes that were compressed for the transfer.
  private static void requireStoredForm(HttpHeaders headers) throws IOException {
    String stored = headers.getFirstHeaderStringValue("x-goog-stored-content-encoding");
    if ("gzip".equals(headers.getContentEncoding()) && !"gzip".equals(stored)) {
      throw new BrokenAnswerException("the service compressed what it sent");
    }
  }

  private static String version(HttpHeaders headers) throws IOException {
    String generation = generation(headers);
    if (generation == null) {
      throw new IOException("the service does not say which generation it sends");
    }
    return generation;
  }

  private static @Nullable String generation(HttpHeaders headers) {
    return headers.getFirstHeaderStringValue("x-goog-generation");
  }

  private static IOException unexpected(HttpResponse response) throws IOException {
    return response.isSuccessStatusCode()
        ? new IOException("the service answered " + response.getStatusCode())
        : GcsFailures.answered(response);
  }

  // Returns the connection in all cases.
  private static <T> T orClose(HttpResponse response, GcsAttempts.Action<T> action)
      throws IOException {
    try {
      return action.run();
    } catch (IOException | RuntimeException e) {
      try {
        response.disconnect();
      } catch (IOException broken) {
        e.addSuppressed(broken);
      }
      throw e;
    }
  }

  /** The first and last byte of the response, and the size of the whole object. */
  private record Span(long first, long last, long size) {}
}
