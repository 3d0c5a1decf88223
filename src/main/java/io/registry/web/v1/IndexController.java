package io.registry.web.v1;

import io.registry.auth.Access;
import io.registry.auth.AccessPolicy;
import io.registry.auth.Audit;
import io.registry.auth.AuditActor;
import io.registry.auth.Caller;
import io.registry.auth.ConditionalOnIndexMode;
import io.registry.auth.IndexMode;
import io.registry.auth.TokenIssuer;
import io.registry.problem.Problem;
import io.registry.problem.RegistryException;
import io.registry.repository.ImageLists;
import io.registry.repository.MaybeStale;
import io.registry.repository.RepositoryName;
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

  private final ImageLists imageLists;
  private final JsonBody body;
  private final V1Responses responses;
  private final Endpoints endpoints;
  private final AccessPolicy policy;
  private final TokenIssuer tokens;
  private final RequestLimits limits;
  private final Audit audit;

  IndexController(
      ImageLists imageLists,
      JsonBody body,
      V1Responses responses,
      Endpoints endpoints,
      AccessPolicy policy,
      TokenIssuer tokens,
      RequestLimits limits,
      Audit audit) {
    this.limits = limits;
    this.audit = audit;
    this.imageLists = imageLists;
    this.body = body;
    this.responses = responses;
    this.endpoints = endpoints;
    this.policy = policy;
    this.tokens = tokens;
  }

  @PutMapping(REPOSITORY)
  ResponseEntity<byte[]> create(
      @PathVariable String namespace,
      @PathVariable String name,
      @AuthenticationPrincipal Caller caller,
      HttpServletRequest request) {
    limits.count(request, caller);
    RepositoryName repository = new RepositoryName(namespace, name);
    HttpHeaders headers = headers(request, caller, repository, Access.WRITE);
    policy.announced(caller, repository, imageLists.add(repository, body.read(request)));
    return V1Responses.raw(HttpStatus.OK, headers, new byte[] {'"', '"'});
  }

  @PutMapping(REPOSITORY + "/images")
  ResponseEntity<byte[]> add(
      @PathVariable String namespace,
      @PathVariable String name,
      @AuthenticationPrincipal Caller caller,
      HttpServletRequest request) {
    limits.count(request, caller);
    RepositoryName repository = new RepositoryName(namespace, name);
    HttpHeaders headers = headers(request, caller, repository, Access.WRITE);
    policy.announced(caller, repository, imageLists.add(repository, body.read(request)));
    return responses.noContent(headers);
  }

  @GetMapping(REPOSITORY + "/images")
  ResponseEntity<byte[]> get(
      @PathVariable String namespace,
      @PathVariable String name,
      @AuthenticationPrincipal Caller caller,
      HttpServletRequest request) {
    limits.count(request, caller);
    RepositoryName repository = new RepositoryName(namespace, name);
    MaybeStale<byte[]> found = imageLists.lookUp(repository);
    byte[] images =
        found
            .value()
            .orElseThrow(() -> new RegistryException(Problem.NOT_FOUND, "images not found"));
    policy.opened(caller, repository);
    HttpHeaders headers = headers(request, caller, repository, Access.READ);
    Warnings.add(headers, found);
    return V1Responses.raw(HttpStatus.OK, headers, images);
  }

  @DeleteMapping(REPOSITORY + "/images")
  ResponseEntity<byte[]> delete(
      @PathVariable String namespace,
      @PathVariable String name,
      @AuthenticationPrincipal Caller caller,
      HttpServletRequest request) {
    limits.count(request, caller);
    RepositoryName repository = new RepositoryName(namespace, name);
    HttpHeaders headers = headers(request, caller, repository, Access.DELETE);
    imageLists.remove(repository);
    return responses.noContent(headers);
  }

  @PutMapping(REPOSITORY + "/auth")
  ResponseEntity<byte[]> auth(@PathVariable String namespace, @PathVariable String name) {
    // Docker Hub let users change settings with this request; here the REST API does that
    // (protocol 2.5).
    RepositoryName unused = new RepositoryName(namespace, name);
    return responses.ok("OK");
  }

  // Daemons up to 1.6 require the token, all daemons the endpoints (protocol 9.2).
  private HttpHeaders headers(
      HttpServletRequest request, Caller caller, RepositoryName repository, Access access) {
    String token = "Token " + tokens.issue(caller, repository, access);
    if (!(caller instanceof Caller.Unchecked)) {
      audit.tokenIssued(AuditActor.of(caller, request.getRemoteAddr()), repository, access);
    }
    HttpHeaders headers = V1Headers.uncached();
    headers.set(V1Headers.TOKEN, token);
    headers.set(HttpHeaders.WWW_AUTHENTICATE, token);
    headers.set(V1Headers.ENDPOINTS, endpoints.of(request));
    return headers;
  }
}
