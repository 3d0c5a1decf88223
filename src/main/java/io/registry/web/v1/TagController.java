package io.registry.web.v1;

import io.registry.auth.AccessPolicy;
import io.registry.auth.Caller;
import io.registry.image.ImageId;
import io.registry.json.JsonCodec;
import io.registry.problem.Problem;
import io.registry.problem.RegistryException;
import io.registry.repository.ClientVersions;
import io.registry.repository.MaybeStale;
import io.registry.repository.RepositoryName;
import io.registry.repository.TagMetadata;
import io.registry.repository.TagName;
import io.registry.repository.Tags;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.springframework.http.HttpHeaders;
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

  private final Tags tags;
  private final JsonBody body;
  private final JsonCodec codec;
  private final V1Responses responses;
  private final AccessPolicy policy;

  TagController(
      Tags tags, JsonBody body, JsonCodec codec, V1Responses responses, AccessPolicy policy) {
    this.policy = policy;
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
    MaybeStale<Map<String, ImageId>> found = tags.lookUp(repository);
    found
        .value()
        .orElseThrow(() -> new RegistryException(Problem.NOT_FOUND, "Repository not found"))
        .forEach((tag, image) -> images.put(tag, image.value()));
    policy.opened(caller, repository);
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
    MaybeStale<ImageId> found =
        TagName.find(tag)
            .map(known -> tags.lookUp(repository, known))
            .orElseGet(() -> new MaybeStale<>(Optional.empty(), false));
    ImageId image =
        found.value().orElseThrow(() -> new RegistryException(Problem.NOT_FOUND, "Tag not found"));
    policy.opened(caller, repository);
    responses.write(image.value(), found, response);
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
    ImageId id =
        ImageId.find(image)
            .filter(found -> policy.mayTag(caller, repository, found))
            .orElseThrow(() -> new RegistryException(Problem.NOT_FOUND, "Image not found"));
    String userAgent = request.getHeader(HttpHeaders.USER_AGENT);
    tags.set(repository, tag, id, ClientVersions.parse(userAgent == null ? "" : userAgent));
    policy.tagged(repository, id);
    return responses.done();
  }

  @DeleteMapping(TAG)
  ResponseEntity<byte[]> delete(
      @PathVariable String namespace, @PathVariable String name, @PathVariable String tag) {
    RepositoryName repository = new RepositoryName(namespace, name);
    if (TagName.find(tag).filter(found -> tags.remove(repository, found)).isEmpty()) {
      throw new RegistryException(Problem.NOT_FOUND, "Tag not found: " + tag);
    }
    return responses.done();
  }

  @GetMapping(TAG + "/json")
  ResponseEntity<byte[]> metadata(
      @PathVariable String namespace, @PathVariable String name, @PathVariable String tag) {
    RepositoryName repository = new RepositoryName(namespace, name);
    return responses.ok(
        TagName.find(tag)
            .map(found -> tags.metadata(repository, found))
            .orElseGet(TagMetadata::unknown)
            .values());
  }

  @GetMapping("/v1/repositories/{namespace}/{name}/json")
  ResponseEntity<byte[]> metadata(@PathVariable String namespace, @PathVariable String name) {
    return responses.ok(tags.metadata(new RepositoryName(namespace, name)).values());
  }
}
