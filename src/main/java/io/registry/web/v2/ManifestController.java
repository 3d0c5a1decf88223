package io.registry.web.v2;

import io.registry.access.auth.Caller;
import io.registry.content.manifest.Digest;
import io.registry.content.manifest.MediaTypes;
import io.registry.content.repository.ClientVersions;
import io.registry.content.repository.RepositoryName;
import io.registry.content.repository.TagName;
import io.registry.platform.problem.Problem;
import io.registry.service.ManifestPush;
import io.registry.service.ManifestService;
import io.registry.service.PushedManifest;
import io.registry.service.ServedManifest;
import io.registry.web.http.AnswerHeaders;
import io.registry.web.http.ImmutableAnswers;
import io.registry.web.http.UserAgent;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RestController;

/** Manifests, by tag and by digest (OCI distribution-spec, end-3, end-7 and end-9). */
@RestController
@ConditionalOnV2
class ManifestController {
  private static final String MANIFEST_PATH = "/v2/{name}/manifests/{reference}";

  private final ManifestService manifests;
  private final ManifestPush pushes;
  private final ManifestBody body;
  private final ImmutableAnswers answers;

  ManifestController(
      ManifestService manifests, ManifestPush pushes, ManifestBody body, ImmutableAnswers answers) {
    this.manifests = manifests;
    this.pushes = pushes;
    this.body = body;
    this.answers = answers;
  }

  @GetMapping(MANIFEST_PATH)
  void get(
      @PathVariable String name,
      @PathVariable String reference,
      HttpServletRequest request,
      HttpServletResponse response)
      throws IOException {
    RepositoryName repository = V2Names.repository(name);
    boolean byDigest = reference.indexOf(':') >= 0;
    Optional<ServedManifest> found =
        byDigest
            ? manifests.find(repository, V2Names.digest(reference))
            : V2Names.tag(reference).flatMap(tag -> manifests.pull(repository, tag));
    ServedManifest stored =
        found.orElseThrow(
            () ->
                new V2Exception(
                    Problem.NOT_FOUND,
                    ErrorCode.MANIFEST_UNKNOWN,
                    byDigest ? "The repository has no such manifest" : "There is no such tag"));
    AcceptedManifests accepted = AcceptedManifests.of(request);
    ServedManifest manifest =
        accepted.isConverted(stored.mediaType(), byDigest)
            ? manifests.current(repository, stored)
            : stored;
    accepted.require(manifest.mediaType());
    if (MediaTypes.isSchemaOne(stored.mediaType())) {
      response.addHeader(HttpHeaders.VARY, HttpHeaders.ACCEPT);
    }
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

  @PutMapping(MANIFEST_PATH)
  ResponseEntity<Void> put(
      @PathVariable String name,
      @PathVariable String reference,
      @AuthenticationPrincipal Caller caller,
      HttpServletRequest request) {
    RepositoryName repository = V2Names.repository(name);
    Optional<Digest> digest =
        reference.indexOf(':') >= 0 ? Optional.of(V2Names.digest(reference)) : Optional.empty();
    List<TagName> tags =
        digest.isPresent()
            ? QueryString.of(request).all("tag").stream().map(ManifestController::tag).toList()
            : List.of(tag(reference));
    String type = header(request, HttpHeaders.CONTENT_TYPE);
    ClientVersions client = UserAgent.versions(request);
    PushedManifest pushed =
        pushes.put(
            new ManifestPush.Push(caller, request.getRemoteAddr(), repository, client),
            digest,
            tags,
            type,
            body.read(request));
    HttpHeaders headers = AnswerHeaders.uncached();
    headers.set(HttpHeaders.LOCATION, "/v2/" + name + "/manifests/" + pushed.digest());
    headers.set(V2Headers.DIGEST, pushed.digest().toString());
    pushed.subject().ifPresent(subject -> headers.set("OCI-Subject", subject.toString()));
    if (digest.isPresent()) {
      tags.forEach(tag -> headers.add("OCI-Tag", tag.value()));
    }
    if (!pushed.warning().isEmpty()) {
      headers.set(HttpHeaders.WARNING, V2Headers.warning(pushed.warning()));
    }
    return ResponseEntity.status(HttpStatus.CREATED).headers(headers).build();
  }

  private static TagName tag(String reference) {
    return V2Names.tag(reference)
        .orElseThrow(
            () -> new V2Exception(Problem.INVALID, ErrorCode.NAME_INVALID, "The tag is not valid"));
  }

  private static String header(HttpServletRequest request, String name) {
    return Stream.ofNullable(request.getHeader(name)).findFirst().orElse("");
  }

  @DeleteMapping(MANIFEST_PATH)
  ResponseEntity<Void> delete(@PathVariable String name, @PathVariable String reference) {
    RepositoryName repository = V2Names.repository(name);
    if (reference.indexOf(':') >= 0) {
      manifests.remove(repository, V2Names.digest(reference));
    } else {
      manifests.remove(repository, tag(reference));
    }
    return ResponseEntity.accepted().headers(AnswerHeaders.uncached()).build();
  }

  private void send(
      ServedManifest manifest,
      String etag,
      HttpServletRequest request,
      HttpServletResponse response)
      throws IOException {
    AnswerHeaders.addUncachedTo(response);
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
}
