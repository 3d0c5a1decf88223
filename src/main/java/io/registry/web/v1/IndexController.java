package io.registry.web.v1;

import io.registry.access.auth.Access;
import io.registry.access.auth.Caller;
import io.registry.access.auth.ConditionalOnIndexMode;
import io.registry.access.auth.IndexMode;
import io.registry.content.repository.MaybeStale;
import io.registry.content.repository.RepositoryName;
import io.registry.service.RepositoryService;
import io.registry.service.TokenService;
import io.registry.web.access.RequestLimits;
import io.registry.web.http.AnswerHeaders;
import io.registry.web.http.Endpoints;
import jakarta.servlet.http.HttpServletRequest;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RestController;

/**
 * Serves the requests to the index before and after a pull or push (protocol 2.3). With a remote
 * index, clients send them there.
 */
@RestController
@ConditionalOnIndexMode({IndexMode.STANDALONE, IndexMode.EMBEDDED})
class IndexController {
  private static final String REPOSITORY = "/v1/repositories/{namespace}/{name}";

  private final RepositoryService repositories;
  private final JsonBody body;
  private final V1Responses responses;
  private final Endpoints endpoints;
  private final TokenService tokens;
  private final RequestLimits limits;

  IndexController(
      RepositoryService repositories,
      JsonBody body,
      V1Responses responses,
      Endpoints endpoints,
      TokenService tokens,
      RequestLimits limits) {
    this.limits = limits;
    this.repositories = repositories;
    this.body = body;
    this.responses = responses;
    this.endpoints = endpoints;
    this.tokens = tokens;
  }

  @PutMapping(REPOSITORY)
  ResponseEntity<byte[]> create(
      @PathVariable String namespace,
      @PathVariable String name,
      @AuthenticationPrincipal Caller caller,
      HttpServletRequest request) {
    HttpHeaders headers = announce(request, caller, namespace, name);
    return V1Responses.raw(HttpStatus.OK, headers, new byte[] {'"', '"'});
  }

  @PutMapping(REPOSITORY + "/images")
  ResponseEntity<byte[]> add(
      @PathVariable String namespace,
      @PathVariable String name,
      @AuthenticationPrincipal Caller caller,
      HttpServletRequest request) {
    return responses.noContent(announce(request, caller, namespace, name));
  }

  @GetMapping(REPOSITORY + "/images")
  ResponseEntity<byte[]> get(
      @PathVariable String namespace,
      @PathVariable String name,
      @AuthenticationPrincipal Caller caller,
      HttpServletRequest request) {
    limits.count(request, caller);
    RepositoryName repository = new RepositoryName(namespace, name);
    MaybeStale<byte[]> found = repositories.images(caller, repository);
    String host = endpoints.of(request);
    HttpHeaders headers = headers(request, caller, repository, Access.READ, host);
    Warnings.add(headers, found);
    return V1Responses.raw(HttpStatus.OK, headers, found.value().orElseThrow());
  }

  @DeleteMapping(REPOSITORY + "/images")
  ResponseEntity<byte[]> delete(
      @PathVariable String namespace,
      @PathVariable String name,
      @AuthenticationPrincipal Caller caller,
      HttpServletRequest request) {
    limits.count(request, caller);
    RepositoryName repository = new RepositoryName(namespace, name);
    String host = endpoints.of(request);
    repositories.forgetImages(repository);
    return responses.noContent(headers(request, caller, repository, Access.DELETE, host));
  }

  @PutMapping(REPOSITORY + "/auth")
  ResponseEntity<byte[]> auth(@PathVariable String namespace, @PathVariable String name) {
    // Docker Hub let users change settings with this request; here the REST API does that
    // (protocol 2.5).
    RepositoryName unused = new RepositoryName(namespace, name);
    return responses.ok("OK");
  }

  // A token for a list that is none would be told to the audit, and to no client.
  private HttpHeaders announce(
      HttpServletRequest request, Caller caller, String namespace, String name) {
    limits.count(request, caller);
    RepositoryName repository = new RepositoryName(namespace, name);
    String host = endpoints.of(request);
    repositories.announce(caller, repository, body.read(request));
    return headers(request, caller, repository, Access.WRITE, host);
  }

  // Daemons up to 1.6 need the token, all of them the endpoints (protocol 9.2).
  private HttpHeaders headers(
      HttpServletRequest request,
      Caller caller,
      RepositoryName repository,
      Access access,
      String host) {
    String token = "Token " + tokens.issue(caller, request.getRemoteAddr(), repository, access);
    HttpHeaders headers = AnswerHeaders.uncached();
    headers.set(V1Headers.TOKEN, token);
    headers.set(HttpHeaders.WWW_AUTHENTICATE, token);
    headers.set(V1Headers.ENDPOINTS, host);
    return headers;
  }
}
