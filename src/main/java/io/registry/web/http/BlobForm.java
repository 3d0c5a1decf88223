package io.registry.web.http;

import java.util.Optional;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;

/**
 * How a protocol answers with a blob.
 *
 * @param contentType the media type of the blob
 * @param etag the entity tag with its quotes; when there is none, the version of the blob
 * @param redirect the status of an answer that sends the client elsewhere
 * @param severalRanges whether a request for several ranges gets them, as {@code
 *     multipart/byteranges}; when not, it gets the whole blob
 */
public record BlobForm(
    String contentType, Optional<String> etag, HttpStatus redirect, boolean severalRanges) {

  /** Bytes of no particular type, whose version is their entity tag. */
  public static BlobForm bytes(HttpStatus redirect) {
    return new BlobForm(
        MediaType.APPLICATION_OCTET_STREAM_VALUE, Optional.empty(), redirect, false);
  }

  // What is on its way from somewhere else has no version yet.
  String etag(String version) {
    return etag.orElseGet(() -> version.isEmpty() ? "" : '"' + version + '"');
  }
}
