package io.registry.web.v1;

import io.registry.access.auth.RepositoryVisibility;
import io.registry.content.repository.RepositoryName;
import io.registry.platform.json.JsonCodec;
import io.registry.platform.problem.Problem;
import io.registry.platform.problem.RegistryException;
import io.registry.service.RepositoryService;
import jakarta.servlet.http.HttpServletRequest;
import java.util.Map;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.JsonNode;

/** Serves requests about whole repositories (protocol 2.3). */
@RestController
class RepositoryController {
  private static final String REPOSITORY = "/v1/repositories/{namespace}/{name}";
  private static final String ACCESS = "access";

  private final RepositoryService repositories;
  private final JsonBody body;
  private final JsonCodec codec;
  private final V1Responses responses;
  private final RepositoryVisibility visibility;

  RepositoryController(
      RepositoryService repositories,
      JsonBody body,
      JsonCodec codec,
      V1Responses responses,
      RepositoryVisibility visibility) {
    this.visibility = visibility;
    this.repositories = repositories;
    this.body = body;
    this.codec = codec;
    this.responses = responses;
  }

  @DeleteMapping({REPOSITORY, REPOSITORY + "/tags"})
  ResponseEntity<byte[]> delete(@PathVariable String namespace, @PathVariable String name) {
    repositories.remove(new RepositoryName(namespace, name));
    return responses.done();
  }

  @GetMapping(REPOSITORY + "/properties")
  ResponseEntity<byte[]> properties(@PathVariable String namespace, @PathVariable String name) {
    boolean isPrivate = visibility.isPrivate(new RepositoryName(namespace, name));
    return responses.ok(Map.of(ACCESS, isPrivate ? "private" : "public"));
  }

  @PutMapping(REPOSITORY + "/properties")
  ResponseEntity<byte[]> setProperties(
      @PathVariable String namespace, @PathVariable String name, HttpServletRequest request) {
    RepositoryName repository = new RepositoryName(namespace, name);
    JsonNode access =
        codec
            .parseUntrusted(body.read(request))
            .map(json -> json.path(ACCESS))
            .filter(JsonNode::isString)
            .orElseThrow(RepositoryController::invalid);
    switch (access.stringValue()) {
      case "private" -> visibility.setPrivate(repository, true);
      case "public" -> visibility.setPrivate(repository, false);
      default -> throw invalid();
    }
    return responses.done();
  }

  private static RegistryException invalid() {
    return new RegistryException(Problem.INVALID, "Invalid data");
  }
}
