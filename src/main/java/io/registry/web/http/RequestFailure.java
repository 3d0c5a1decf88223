package io.registry.web.http;

import io.registry.platform.problem.RegistryException;
import java.util.Optional;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatusCode;

/**
 * What went wrong with a request, before a protocol gives it a form.
 *
 * @param status the status of the answer, unless the protocol has another one
 * @param headers headers that the answer needs whatever the protocol: {@code Retry-After}, {@code
 *     Allow}
 * @param text in words for the client
 * @param refusal the refusal; nothing when the registry failed, or there is no such route
 */
public record RequestFailure(
    HttpStatusCode status, HttpHeaders headers, String text, Optional<RegistryException> refusal) {

  static RequestFailure of(HttpStatusCode status, HttpHeaders headers, String text) {
    return new RequestFailure(status, headers, text, Optional.empty());
  }

  static RequestFailure of(HttpStatusCode status, String text) {
    return of(status, new HttpHeaders(), text);
  }
}
