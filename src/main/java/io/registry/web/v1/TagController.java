package io.registry.web.v1;

import io.registry.access.auth.Caller;
import io.registry.content.image.ImageId;
import io.registry.content.repository.MaybeStale;
import io.registry.content.repository.RepositoryName;
import io.registry.content.repository.TagName;
import io.registry.platform.json.JsonCodec;
import io.registry.platform.problem.Problem;
import io.registry.platform.problem.RegistryException;
import io.registry.service.TagService;
import io.registry.web.http.UserAgent;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Map;
import java.util.TreeMap;
import org.springframework.http.ResponseEntity;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.JsonNode;

/** Serves and changes tags (protocol 2.3). */
@RestController
class TagController {
  private static final String TAG = "/v1/repositories/{namespace}/{name}/tags/{tag}";

  private final TagService tags;
  private final JsonBody body;
  private final JsonCodec codec;
  private final V1Responses responses;

  TagController(TagService tags, JsonBody body, JsonCodec codec, V1Responses responses) {
    this.tags = tags;
    this.body = body;
    this.codec = codec;
    this.responses = responses;
  }

  @GetMapping("/v1/repositories/{namespace}/{name}/tags")
  void list(
      @PathVariable String namespace,
      @PathVariable String name,
      @AuthenticationPrincipal Caller caller,
      HttpServletResponse response)
      throws IOException {
    RepositoryName repository = new RepositoryName(namespace, name);
    Map<String, String> images = new TreeMap<>();
    MaybeStale<Map<String, ImageId>> found = tags.list(caller, repository);
    found.value().orElseThrow().forEach((tag, image) -> images.put(tag, image.value()));
    responses.write(images, found, response);
  }

  @GetMapping(TAG)
  void get(
      @PathVariable String namespace,
      @PathVariable String name,
      @PathVariable String tag,
      @AuthenticationPrincipal Caller caller,
      HttpServletResponse response)
      throws IOException {
    RepositoryName repository = new RepositoryName(namespace, name);
    MaybeStale<ImageId> found = tags.get(caller, repository, tag);
    responses.write(found.value().orElseThrow().value(), found, response);
  }

  @PutMapping(TAG)
  ResponseEntity<byte[]> put(
      @PathVariable String namespace,
      @PathVariable String name,
      @PathVariable TagName tag,
      @AuthenticationPrincipal Caller caller,
      HttpServletRequest request) {
    RepositoryName repository = new RepositoryName(namespace, name);
    tag.requireAllowed();
    String image =
        codec
            .parseUntrusted(body.read(request))
            .filter(JsonNode::isString)
            .map(JsonNode::stringValue)
            .filter(text -> !text.isEmpty())
            .orElseThrow(() -> new RegistryException(Problem.INVALID, "Invalid data"));
    tags.set(caller, repository, tag, image, UserAgent.versions(request));
    return responses.done();
  }

  @DeleteMapping(TAG)
  ResponseEntity<byte[]> delete(
      @PathVariable String namespace, @PathVariable String name, @PathVariable String tag) {
    tags.remove(new RepositoryName(namespace, name), tag);
    return responses.done();
  }

  @GetMapping(TAG + "/json")
  ResponseEntity<byte[]> metadata(
      @PathVariable String namespace, @PathVariable String name, @PathVariable String tag) {
    return responses.ok(tags.metadata(new RepositoryName(namespace, name), tag).values());
  }

  @GetMapping("/v1/repositories/{namespace}/{name}/json")
  ResponseEntity<byte[]> metadata(@PathVariable String namespace, @PathVariable String name) {
    return responses.ok(tags.metadata(new RepositoryName(namespace, name)).values());
  }
}
