package io.registry.web.v1;

import io.registry.problem.Problem;
import io.registry.problem.RegistryException;
import io.registry.repository.ImageLists;
import io.registry.repository.RepositoryName;
import jakarta.servlet.http.HttpServletRequest;
import java.security.SecureRandom;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RestController;

/** What clients ask of an index before and after the images; here without accounts. */
@RestController
class IndexController {
  private static final String REPOSITORY = "/v1/repositories/{namespace}/{name}";
  private static final String ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
  private static final int SIGNATURE_LENGTH = 16;

  private static final Logger log = LoggerFactory.getLogger(IndexController.class);

  private final ImageLists imageLists;
  private final JsonBody body;
  private final V1Responses responses;
  private final Endpoints endpoints;
  private final SecureRandom random = new SecureRandom();

  IndexController(
      ImageLists imageLists, JsonBody body, V1Responses responses, Endpoints endpoints) {
    this.imageLists = imageLists;
    this.body = body;
    this.responses = responses;
    this.endpoints = endpoints;
  }

  @PutMapping(REPOSITORY)
  ResponseEntity<byte[]> create(
      @PathVariable String namespace, @PathVariable String name, HttpServletRequest request) {
    RepositoryName repository = new RepositoryName(namespace, name);
    HttpHeaders headers = headers(request, repository, "write");
    imageLists.add(repository, body.read(request));
    return V1Responses.raw(HttpStatus.OK, headers, new byte[] {'"', '"'});
  }

  @PutMapping(REPOSITORY + "/images")
  ResponseEntity<byte[]> add(
      @PathVariable String namespace, @PathVariable String name, HttpServletRequest request) {
    RepositoryName repository = new RepositoryName(namespace, name);
    HttpHeaders headers = headers(request, repository, "write");
    imageLists.add(repository, body.read(request));
    return responses.noContent(headers);
  }

  @GetMapping(REPOSITORY + "/images")
  ResponseEntity<byte[]> get(
      @PathVariable String namespace, @PathVariable String name, HttpServletRequest request) {
    RepositoryName repository = new RepositoryName(namespace, name);
    byte[] images =
        imageLists
            .get(repository)
            .orElseThrow(() -> new RegistryException(Problem.NOT_FOUND, "images not found"));
    return V1Responses.raw(HttpStatus.OK, headers(request, repository, "read"), images);
  }

  @DeleteMapping(REPOSITORY + "/images")
  ResponseEntity<byte[]> delete(
      @PathVariable String namespace, @PathVariable String name, HttpServletRequest request) {
    RepositoryName repository = new RepositoryName(namespace, name);
    HttpHeaders headers = headers(request, repository, "delete");
    imageLists.remove(repository);
    return responses.noContent(headers);
  }

  @PutMapping(REPOSITORY + "/auth")
  ResponseEntity<byte[]> auth(@PathVariable String namespace, @PathVariable String name) {
    RepositoryName checked = new RepositoryName(namespace, name);
    log.debug("Nobody's access to {} can be changed: there are no accounts", checked);
    return responses.ok("OK");
  }

  // Daemons up to 1.6 need the token, all of them the endpoints (protocol 9.2).
  private HttpHeaders headers(
      HttpServletRequest request, RepositoryName repository, String access) {
    String token =
        "Token signature=%s,repository=\"%s/%s\",access=%s"
            .formatted(signature(), repository.namespace(), repository.encodedName(), access);
    HttpHeaders headers = V1Headers.uncached();
    headers.set(V1Headers.TOKEN, token);
    headers.set(HttpHeaders.WWW_AUTHENTICATE, token);
    headers.set(V1Headers.ENDPOINTS, endpoints.of(request));
    return headers;
  }

  private String signature() {
    return random
        .ints(SIGNATURE_LENGTH, 0, ALPHABET.length())
        .collect(
            StringBuilder::new,
            (text, index) -> text.append(ALPHABET.charAt(index)),
            StringBuilder::append)
        .toString();
  }
}
