package io.registry.web.v1;

import io.registry.access.auth.ConditionalOnIndexMode;
import io.registry.access.auth.IndexMode;
import io.registry.platform.json.JsonCodec;
import io.registry.platform.problem.Problem;
import io.registry.platform.problem.RegistryException;
import io.registry.web.http.AnswerHeaders;
import jakarta.servlet.http.HttpServletRequest;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RestController;

/**
 * Answers {@code docker login} without accounts (protocol 2.4, 9.7): any client may log in with any
 * name, and nothing is stored.
 */
@RestController
@ConditionalOnIndexMode(IndexMode.STANDALONE)
class UserController {
  private final JsonBody body;
  private final JsonCodec codec;
  private final V1Responses responses;

  UserController(JsonBody body, JsonCodec codec, V1Responses responses) {
    this.body = body;
    this.codec = codec;
    this.responses = responses;
  }

  @GetMapping("/v1/users")
  ResponseEntity<byte[]> get() {
    return responses.ok("OK");
  }

  @PostMapping("/v1/users")
  ResponseEntity<byte[]> create(HttpServletRequest request) {
    if (codec.parseUntrusted(body.read(request)).isEmpty()) {
      throw new RegistryException(Problem.INVALID, "Error Decoding JSON");
    }
    return responses.json(HttpStatus.CREATED, "User Created");
  }

  @PutMapping("/v1/users/{name}")
  ResponseEntity<byte[]> update() {
    return responses.noContent(AnswerHeaders.uncached());
  }
}
