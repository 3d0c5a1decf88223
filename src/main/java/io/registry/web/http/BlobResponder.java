package io.registry.web.http;

import io.registry.storage.Blob;
import io.registry.storage.BlobInfo;
import io.registry.storage.ByteRange;
import io.registry.storage.UnsatisfiableRangeException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.springframework.http.HttpHeaders;
import org.springframework.stereotype.Component;

/**
 * Answers GET and HEAD of a blob, whatever the protocol: preconditions, ranges, redirects, and the
 * bytes themselves. A blob never changes, so its answers may be cached for a year. Headers that the
 * caller has set before are kept.
 */
@Component
public class BlobResponder {
  /** Tomcat's own threshold: below, copying is cheaper than a second system call. */
  private static final int SENDFILE_FROM = 48 * 1024;

  private final ImmutableAnswers answers;
  private final MinimumRateStreams paced;

  BlobResponder(ImmutableAnswers answers, MinimumRateStreams paced) {
    this.answers = answers;
    this.paced = paced;
  }

  /**
   * Answers a request for a blob.
   *
   * @param source the blob
   * @param form how the protocol answers
   * @throws IOException when the client goes away, or is too slow
   */
  public void send(
      BlobSource source, BlobForm form, HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    List<ByteRange> ranges = ranges(form, request);
    boolean head = request.getMethod().equals("HEAD");
    try {
      if (head || Preconditions.isConditional(request)) {
        BlobInfo blob = source.info();
        String etag = form.etag(blob.version());
        if (Preconditions.isNotModified(request, etag)) {
          answers.notModified(etag, response);
          return;
        }
        if (!Preconditions.isRangeWanted(request, etag)) {
          ranges = List.of();
        }
        if (head) {
          head(blob, ranges, form, response);
          return;
        }
      }
      Optional<URI> elsewhere = source.downloadUrl();
      if (elsewhere.isPresent()) {
        redirect(source, ranges, elsewhere.get(), form, response);
      } else if (ranges.size() > 1) {
        send(source, ranges, form, request, response);
      } else {
        send(source, first(ranges), form, request, response);
      }
    } catch (UnsatisfiableRangeException e) {
      // V1 daemons take exactly this for the end of the layer (protocol 9.5).
      response.setStatus(HttpServletResponse.SC_REQUESTED_RANGE_NOT_SATISFIABLE);
      response.setHeader(HttpHeaders.ACCEPT_RANGES, "bytes");
      response.setHeader(HttpHeaders.CONTENT_RANGE, "bytes */" + e.size());
      AnswerHeaders.addUncachedTo(response);
      response.setContentLengthLong(0);
    }
  }

  private static List<ByteRange> ranges(BlobForm form, HttpServletRequest request) {
    String header = request.getHeader(HttpHeaders.RANGE);
    if (header == null) {
      return List.of();
    }
    return form.severalRanges()
        ? RangeHeader.parseAll(header)
        : RangeHeader.parse(header).map(List::of).orElseGet(List::of);
  }

  private static Optional<ByteRange> first(List<ByteRange> ranges) {
    return ranges.stream().findFirst();
  }

  private void head(
      BlobInfo blob, List<ByteRange> ranges, BlobForm form, HttpServletResponse response) {
    if (ranges.size() < 2) {
      head(blob, first(ranges), form, response);
      return;
    }
    List<ByteRange> parts = MultipartRanges.of(ranges, blob.size());
    if (parts.size() < 2) {
      head(blob, first(parts), form, response);
    } else {
      head(blob, new MultipartRanges(parts, blob.size(), form.contentType()), form, response);
    }
  }

  // All but the bytes.
  private void head(
      BlobInfo blob, Optional<ByteRange> range, BlobForm form, HttpServletResponse response) {
    if (!blob.isSizeKnown()) {
      answers.cacheable(form.etag(blob.version()), response);
      response.setContentType(form.contentType());
      return;
    }
    ByteRange wanted = range.orElse(ByteRange.ALL);
    long offset = wanted.offset(blob.size());
    long length = wanted.length(blob.size());
    answers.cacheable(form.etag(blob.version()), response);
    response.setContentType(form.contentType());
    response.setHeader(HttpHeaders.ACCEPT_RANGES, "bytes");
    if (range.isPresent()) {
      response.setStatus(HttpServletResponse.SC_PARTIAL_CONTENT);
      response.setHeader(
          HttpHeaders.CONTENT_RANGE,
          "bytes %d-%d/%d".formatted(offset, offset + length - 1, blob.size()));
    }
    response.setContentLengthLong(length);
  }

  private void head(
      BlobInfo blob, MultipartRanges parts, BlobForm form, HttpServletResponse response) {
    answers.cacheable(form.etag(blob.version()), response);
    response.setStatus(HttpServletResponse.SC_PARTIAL_CONTENT);
    response.setHeader(HttpHeaders.ACCEPT_RANGES, "bytes");
    response.setContentType(parts.contentType());
    response.setContentLengthLong(parts.length());
  }

  // The same checks come first as for the bytes. A range that lies past the end is refused here,
  // because the store would refuse it with a body, which daemons do not take for the end.
  private void redirect(
      BlobSource source,
      List<ByteRange> ranges,
      URI elsewhere,
      BlobForm form,
      HttpServletResponse response) {
    BlobInfo blob = source.info();
    if (ranges.size() == 1) {
      ranges.get(0).offset(blob.size());
    }
    if (elsewhere.isAbsolute()) {
      AnswerHeaders.addUncachedTo(response);
      response.setStatus(form.redirect().value());
      response.setHeader(HttpHeaders.LOCATION, elsewhere.toString());
    } else {
      answers.cacheable(form.etag(blob.version()), response);
      response.setContentType(form.contentType());
      response.setHeader("X-Accel-Redirect", elsewhere.toString());
    }
    response.setContentLengthLong(0);
  }

  private void send(
      BlobSource source,
      Optional<ByteRange> range,
      BlobForm form,
      HttpServletRequest request,
      HttpServletResponse response)
      throws IOException {
    try (Blob blob = source.open(range.orElse(ByteRange.ALL))) {
      head(new BlobInfo(blob.size(), blob.version()), range, form, response);
      send(blob, request, response);
    }
  }

  private void send(
      BlobSource source,
      List<ByteRange> ranges,
      BlobForm form,
      HttpServletRequest request,
      HttpServletResponse response)
      throws IOException {
    BlobInfo blob = source.info();
    List<ByteRange> wanted = MultipartRanges.of(ranges, blob.size());
    if (wanted.size() < 2) {
      send(source, first(wanted), form, request, response);
      return;
    }
    MultipartRanges parts = new MultipartRanges(wanted, blob.size(), form.contentType());
    head(blob, parts, form, response);
    parts.write(source, paced.of(response.getOutputStream()));
  }

  private void send(Blob blob, HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    Optional<Path> file = blob.file();
    if (file.isPresent()
        && blob.length() >= SENDFILE_FROM
        && Boolean.TRUE.equals(request.getAttribute("org.apache.tomcat.sendfile.support"))) {
      request.setAttribute("org.apache.tomcat.sendfile.filename", file.get().toString());
      request.setAttribute("org.apache.tomcat.sendfile.start", blob.offset());
      request.setAttribute("org.apache.tomcat.sendfile.end", blob.offset() + blob.length());
    } else {
      blob.body().transferTo(paced.of(response.getOutputStream()));
    }
  }
}
