package io.registry.web.v2;

import io.registry.bridge.BridgedManifest;
import io.registry.bridge.BridgedRepository;
import io.registry.problem.Problem;
import io.registry.repository.RepositoryName;
import io.registry.web.AnswerHeaders;
import io.registry.web.ImmutableAnswers;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.springframework.http.HttpHeaders;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;

/** Manifests, by tag and by digest (OCI distribution-spec, end-3). */
@RestController
@ConditionalOnV2
class ManifestController {
  private static final String MANIFEST = "application/vnd.";

  private final BridgedRepository repositories;
  private final ImmutableAnswers answers;

  ManifestController(BridgedRepository repositories, ImmutableAnswers answers) {
    this.repositories = repositories;
    this.answers = answers;
  }

  @GetMapping("/v2/{name}/manifests/{reference}")
  void get(
      @PathVariable String name,
      @PathVariable String reference,
      HttpServletRequest request,
      HttpServletResponse response)
      throws IOException {
    RepositoryName repository = V2Names.repository(name);
    boolean byDigest = reference.indexOf(':') >= 0;
    Optional<BridgedManifest> found =
        byDigest
            ? repositories.manifest(repository, V2Names.digest(reference))
            : V2Names.tag(reference).flatMap(tag -> repositories.manifest(repository, tag));
    BridgedManifest manifest =
        found.orElseThrow(
            () ->
                new V2Exception(
                    Problem.NOT_FOUND,
                    ErrorCode.MANIFEST_UNKNOWN,
                    byDigest ? "The repository has no such manifest" : "There is no such tag"));
    requireAccepted(manifest, request);
    String digest = manifest.digest().toString();
    response.setHeader(V2Headers.DIGEST, digest);
    String etag = '"' + digest + '"';
    if (byDigest) {
      answers.send(
          manifest.bytes(), manifest.mediaType(), etag, new HttpHeaders(), request, response);
    } else {
      send(manifest, etag, request, response);
    }
  }

  private void send(
      BridgedManifest manifest,
      String etag,
      HttpServletRequest request,
      HttpServletResponse response)
      throws IOException {
    AnswerHeaders.addTo(response, AnswerHeaders.uncached());
    response.setHeader(HttpHeaders.ETAG, etag);
    if (manifest.isStale()) {
      response.addHeader(HttpHeaders.WARNING, "110 - \"Response is Stale\"");
    }
    if (V2Headers.isNotModified(request, etag)) {
      response.setStatus(HttpServletResponse.SC_NOT_MODIFIED);
      return;
    }
    response.setContentType(manifest.mediaType());
    response.setContentLength(manifest.bytes().length);
    response.getOutputStream().write(manifest.bytes());
  }

  // A client that lists types of manifests, and not this one, could not read it. One that lists
  // none takes any.
  private static void requireAccepted(BridgedManifest manifest, HttpServletRequest request) {
    List<String> accepted =
        Collections.list(request.getHeaders(HttpHeaders.ACCEPT)).stream()
            .flatMap(line -> Arrays.stream(line.split(",")))
            .map(type -> type.replaceFirst(";.*", "").strip().toLowerCase(Locale.ROOT))
            .toList();
    boolean lists = accepted.stream().anyMatch(type -> type.startsWith(MANIFEST));
    boolean any = accepted.contains("*/*") || accepted.contains("application/*");
    if (lists && !any && !accepted.contains(manifest.mediaType())) {
      throw new V2Exception(
          Problem.NOT_FOUND,
          ErrorCode.MANIFEST_UNKNOWN,
          "The manifest is of the type "
              + manifest.mediaType()
              + ", which the client does not read");
    }
  }
}
