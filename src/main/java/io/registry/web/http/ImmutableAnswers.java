package io.registry.web.http;

import io.registry.access.auth.IndexMode;
import io.registry.access.auth.IndexProperties;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.stereotype.Component;

/**
 * Writes answers about complete images, which never change and may be cached for a year. They are
 * written to the servlet response directly, because Spring drops a Last-Modified of zero, which V1
 * requires.
 */
@Component
public class ImmutableAnswers {
  private static final Duration YEAR = Duration.ofDays(365);

  private final Clock clock;
  private final String cacheControl;

  ImmutableAnswers(Clock clock, IndexProperties index) {
    this.clock = clock;
    // An image that is public today may be private tomorrow, and shared caches would not know.
    String shared = index.mode() == IndexMode.STANDALONE ? "public" : "private";
    this.cacheControl = shared + ", max-age=" + YEAR.toSeconds();
  }

  /**
   * Answers with a JSON document, or with 304 when the client has it already.
   *
   * @param json the document
   * @param headers more headers, for an answer with the document
   */
  public void json(
      byte[] json, HttpHeaders headers, HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    send(
        json,
        MediaType.APPLICATION_JSON_VALUE,
        Preconditions.etag(json),
        headers,
        request,
        response);
  }

  /**
   * Answers with a small document, or that the client has it already.
   *
   * @param document the document
   * @param contentType its media type
   * @param etag its entity tag, with the quotes
   * @param headers more headers, for when the document is sent
   */
  public void send(
      byte[] document,
      String contentType,
      String etag,
      HttpHeaders headers,
      HttpServletRequest request,
      HttpServletResponse response)
      throws IOException {
    if (Preconditions.isNotModified(request, etag)) {
      notModified(etag, response);
      return;
    }
    cacheable(etag, response);
    AnswerHeaders.addTo(response, headers);
    response.setContentType(contentType);
    response.setContentLength(document.length);
    response.getOutputStream().write(document);
  }

  /** Answers that the client has what it asks for. */
  public void notModified(String etag, HttpServletResponse response) {
    response.setStatus(HttpServletResponse.SC_NOT_MODIFIED);
    cacheable(etag, response);
  }

  /**
   * Sets the headers of an answer that may be cached (protocol 2.0).
   *
   * @param etag with its quotes; empty for none
   */
  public void cacheable(String etag, HttpServletResponse response) {
    response.setHeader(HttpHeaders.CACHE_CONTROL, cacheControl);
    response.setDateHeader(HttpHeaders.EXPIRES, clock.instant().plus(YEAR).toEpochMilli());
    response.setDateHeader(HttpHeaders.LAST_MODIFIED, Instant.EPOCH.toEpochMilli());
    if (!etag.isEmpty()) {
      response.setHeader(HttpHeaders.ETAG, etag);
    }
  }
}
