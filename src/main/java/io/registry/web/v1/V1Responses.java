package io.registry.web.v1;

import io.registry.content.repository.MaybeStale;
import io.registry.platform.json.JsonCodec;
import io.registry.web.http.AnswerHeaders;
import io.registry.web.http.RequestIdValve;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.slf4j.MDC;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.stereotype.Component;

/**
 * Builds answers in JSON that must not be cached: all answers except those about complete images.
 */
@Component
class V1Responses {
  private final JsonCodec codec;

  V1Responses(JsonCodec codec) {
    this.codec = codec;
  }

  ResponseEntity<byte[]> ok(Object value) {
    return json(HttpStatus.OK, value);
  }

  /**
   * Writes an answer, with a warning if it may be outdated. It is written to the servlet response
   * directly, because these are the most frequent requests, and Spring's search for a message
   * converter takes as long as the rest of the request.
   */
  void write(Object value, MaybeStale<?> found, HttpServletResponse response) throws IOException {
    AnswerHeaders.addUncachedTo(response);
    Warnings.addTo(response, found);
    byte[] json = codec.render(value);
    response.setContentType(MediaType.APPLICATION_JSON_VALUE);
    response.setContentLength(json.length);
    response.getOutputStream().write(json);
  }

  /** The original's answer to a change that returns no data. */
  ResponseEntity<byte[]> done() {
    return ok(true);
  }

  ResponseEntity<byte[]> json(HttpStatus status, Object value) {
    return raw(status, AnswerHeaders.uncached(), codec.render(value));
  }

  /**
   * The answer to a refusal or failure. For a failure it contains the request id, by which the
   * operator finds it in the log; daemons show the body to users, and up to 1.6 accept only string
   * values in it.
   */
  ResponseEntity<byte[]> error(HttpStatusCode status, HttpHeaders headers, String text) {
    HttpHeaders all = AnswerHeaders.uncached();
    all.putAll(headers);
    Map<String, String> body = new LinkedHashMap<>(Map.of("error", text));
    String request = MDC.get(RequestIdValve.KEY);
    if (status.is5xxServerError() && request != null) {
      body.put("request", request);
    }
    return raw(status, all, codec.render(body));
  }

  /** The body of a refusal, when that is all there is. */
  byte[] errorBody(String text) {
    return codec.render(Map.of("error", text));
  }

  ResponseEntity<byte[]> noContent(HttpHeaders headers) {
    return ResponseEntity.noContent().headers(headers).build();
  }

  static ResponseEntity<byte[]> raw(HttpStatusCode status, HttpHeaders headers, byte[] body) {
    return ResponseEntity.status(status)
        .headers(headers)
        .contentType(MediaType.APPLICATION_JSON)
        .contentLength(body.length)
        .body(body);
  }
}
