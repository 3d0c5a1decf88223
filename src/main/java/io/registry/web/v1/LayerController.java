package io.registry.web.v1;

import io.registry.auth.Caller;
import io.registry.image.ImageId;
import io.registry.image.ImageReader;
import io.registry.image.ImageUploads;
import io.registry.storage.Blob;
import io.registry.storage.BlobInfo;
import io.registry.storage.ByteRange;
import io.registry.storage.UnsatisfiableRangeException;
import io.registry.web.MinimumRateStreams;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.Optional;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RestController;

/** Serves and receives the layers of images (protocol 2.2). */
@RestController
class LayerController {
  /** The threshold of Tomcat: below it, copying is cheaper than a second system call. */
  private static final int SENDFILE_FROM = 48 * 1024;

  private final ImageReader images;
  private final ImageUploads uploads;
  private final V1Responses responses;
  private final Pushers pushers;
  private final ImmutableAnswers answers;
  private final UploadsUnderWay underWay;
  private final MinimumRateStreams paced;

  LayerController(
      ImageReader images,
      ImageUploads uploads,
      V1Responses responses,
      ImmutableAnswers answers,
      Pushers pushers,
      UploadsUnderWay underWay,
      MinimumRateStreams paced) {
    this.underWay = underWay;
    this.paced = paced;
    this.pushers = pushers;
    this.images = images;
    this.uploads = uploads;
    this.responses = responses;
    this.answers = answers;
  }

  @GetMapping("/v1/images/{id}/layer")
  void get(@PathVariable ImageId id, HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    Optional<ByteRange> range =
        Optional.ofNullable(request.getHeader(HttpHeaders.RANGE)).flatMap(RangeHeader::parse);
    try {
      if (request.getMethod().equals("HEAD") || Preconditions.isConditional(request)) {
        BlobInfo layer = images.layerInfo(id);
        String etag = etag(layer.version());
        if (Preconditions.isNotModified(request, etag)) {
          answers.notModified(etag, response);
          return;
        }
        if (!Preconditions.isRangeWanted(request, etag)) {
          range = Optional.empty();
        }
        if (request.getMethod().equals("HEAD")) {
          head(layer, range, response);
          return;
        }
      }
      Optional<URI> elsewhere = images.layerUrl(id);
      if (elsewhere.isPresent()) {
        send(id, range, elsewhere.get(), response);
        return;
      }
      try (Blob layer = images.layer(id, range.orElse(ByteRange.ALL))) {
        head(new BlobInfo(layer.size(), layer.version()), range, response);
        send(layer, request, response);
      }
    } catch (UnsatisfiableRangeException e) {
      // Daemons treat exactly this answer as the end of the layer (protocol 9.5).
      response.setStatus(HttpServletResponse.SC_REQUESTED_RANGE_NOT_SATISFIABLE);
      response.setHeader(HttpHeaders.ACCEPT_RANGES, "bytes");
      response.setHeader(HttpHeaders.CONTENT_RANGE, "bytes */" + e.size());
      V1Headers.addTo(response, V1Headers.uncached());
      response.setContentLengthLong(0);
    }
  }

  // Writes everything but the bytes.
  private void head(BlobInfo layer, Optional<ByteRange> range, HttpServletResponse response) {
    if (!layer.isSizeKnown()) {
      answers.cacheable(etag(layer.version()), response);
      response.setContentType(MediaType.APPLICATION_OCTET_STREAM_VALUE);
      return;
    }
    ByteRange wanted = range.orElse(ByteRange.ALL);
    long offset = wanted.offset(layer.size());
    long length = wanted.length(layer.size());
    answers.cacheable(etag(layer.version()), response);
    response.setContentType(MediaType.APPLICATION_OCTET_STREAM_VALUE);
    response.setHeader(HttpHeaders.ACCEPT_RANGES, "bytes");
    if (range.isPresent()) {
      response.setStatus(HttpServletResponse.SC_PARTIAL_CONTENT);
      response.setHeader(
          HttpHeaders.CONTENT_RANGE,
          "bytes %d-%d/%d".formatted(offset, offset + length - 1, layer.size()));
    }
    response.setContentLengthLong(length);
  }

  // Makes the same checks first as for a HEAD. A range past the end is refused here, because the
  // store would refuse it with a body, which daemons do not treat as the end.
  private void send(
      ImageId id, Optional<ByteRange> range, URI elsewhere, HttpServletResponse response) {
    BlobInfo layer = images.layerInfo(id);
    if (range.isPresent()) {
      long unused = range.get().offset(layer.size());
    }
    if (elsewhere.isAbsolute()) {
      V1Headers.addTo(response, V1Headers.uncached());
      response.setStatus(HttpServletResponse.SC_FOUND);
      response.setHeader(HttpHeaders.LOCATION, elsewhere.toString());
    } else {
      answers.cacheable(etag(layer.version()), response);
      response.setContentType(MediaType.APPLICATION_OCTET_STREAM_VALUE);
      response.setHeader("X-Accel-Redirect", elsewhere.toString());
    }
    response.setContentLengthLong(0);
  }

  @PutMapping("/v1/images/{id}/layer")
  ResponseEntity<byte[]> put(
      @PathVariable ImageId id, @AuthenticationPrincipal Caller caller, HttpServletRequest request)
      throws IOException {
    return underWay.during(
        () -> {
          uploads.receiveLayer(id, paced.of(request.getInputStream()), pushers.of(request, caller));
          return responses.done();
        });
  }

  private void send(Blob layer, HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    Optional<Path> file = layer.file();
    if (file.isPresent()
        && layer.length() >= SENDFILE_FROM
        && Boolean.TRUE.equals(request.getAttribute("org.apache.tomcat.sendfile.support"))) {
      request.setAttribute("org.apache.tomcat.sendfile.filename", file.get().toString());
      request.setAttribute("org.apache.tomcat.sendfile.start", layer.offset());
      request.setAttribute("org.apache.tomcat.sendfile.end", layer.offset() + layer.length());
    } else {
      layer.body().transferTo(paced.of(response.getOutputStream()));
    }
  }

  // A layer that is still being fetched from a mirror's source has no version.
  private static String etag(String version) {
    return version.isEmpty() ? "" : '"' + version + '"';
  }
}
