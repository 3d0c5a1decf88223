package io.registry.web.v1;

import io.registry.json.JsonCodec;
import io.registry.repository.MaybeStale;
import io.registry.web.AnswerHeaders;
import io.registry.web.RequestIdValve;
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

/** Answers that are JSON and not to be cached: all but those about finished images. */
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
   * Writes an answer that says how good it is. To the servlet response directly: these are asked
   * for most, and finding somebody to write an entity takes as long as what they ask for.
   */
  void write(Object value, MaybeStale<?> found, HttpServletResponse response) throws IOException {
    HttpHeaders headers = AnswerHeaders.uncached();
    Warnings.add(headers, found);
    AnswerHeaders.addTo(response, headers);
    byte[] json = codec.render(value);
    response.setContentType(MediaType.APPLICATION_JSON_VALUE);
    response.setContentLength(json.length);
    response.getOutputStream().write(json);
  }

  /** What the original answers to a change that has nothing to say. */
  ResponseEntity<byte[]> done() {
    return ok(true);
  }

  ResponseEntity<byte[]> json(HttpStatus status, Object value) {
    return raw(status, AnswerHeaders.uncached(), codec.render(value));
  }

  /**
   * A refusal or a failure. Of a failure, people are told the id by which it can be found in the
   * log; daemons show them the body, and up to 1.6 take one of strings only.
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
