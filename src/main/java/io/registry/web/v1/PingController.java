package io.registry.web.v1;

import io.registry.access.auth.IndexMode;
import io.registry.access.auth.IndexProperties;
import io.registry.upstream.mirror.Mirror;
import io.registry.web.http.AnswerHeaders;
import io.registry.web.http.RegistryProperties;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.info.BuildProperties;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** Answers the ping, which is the first request of a client (protocol 2.1, 9.4). */
@RestController
class PingController {
  private static final byte[] EMPTY_OBJECT = {'{', '}'};

  private final V1Responses responses;
  private final String issue;
  private final String version;
  private final String standalone;

  PingController(
      V1Responses responses,
      RegistryProperties registry,
      IndexProperties index,
      ObjectProvider<Mirror> mirror,
      BuildProperties build) {
    this.standalone = standalone(index.mode(), mirror.stream().findFirst().isPresent());
    this.responses = responses;
    this.issue = registry.issue();
    this.version = String.valueOf(build.getVersion());
  }

  // Over TLS, daemons send name and password with every request to a registry that answers True,
  // and otherwise to the index only (protocol 9.4). A registry with accounts needs them with every
  // request, because an account may read images that the token of a single repository does not
  // cover.
  private static String standalone(IndexMode mode, boolean mirror) {
    if (mode == IndexMode.EMBEDDED) {
      return "True";
    }
    if (mirror) {
      return "mirror";
    }
    return mode == IndexMode.REMOTE ? "False" : "True";
  }

  @GetMapping("/")
  ResponseEntity<byte[]> root() {
    return responses.ok(issue);
  }

  @GetMapping({"/_ping", "/v1/_ping"})
  ResponseEntity<byte[]> ping() {
    HttpHeaders headers = AnswerHeaders.uncached();
    // Daemons up to 0.10 refuse a registry that does not tell its version.
    headers.set(V1Headers.REGISTRY_VERSION, version);
    headers.set(V1Headers.STANDALONE, standalone);
    return V1Responses.raw(HttpStatus.OK, headers, EMPTY_OBJECT);
  }
}
