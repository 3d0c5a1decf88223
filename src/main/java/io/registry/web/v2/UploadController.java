package io.registry.web.v2;

import io.registry.access.auth.AuditActor;
import io.registry.access.auth.Caller;
import io.registry.content.manifest.Digest;
import io.registry.content.manifest.UploadRange;
import io.registry.content.manifest.UploadSession;
import io.registry.content.repository.RepositoryName;
import io.registry.platform.problem.Problem;
import io.registry.service.BlobService;
import io.registry.web.http.AnswerHeaders;
import io.registry.web.http.MinimumRateStreams;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PatchMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RestController;

/** Uploads of blobs (OCI distribution-spec, end-4 to end-6, end-11, end-13 and end-14). */
@RestController
@ConditionalOnV2
class UploadController {
  private static final String SESSION = "/v2/{name}/blobs/uploads/{session}";
  private static final Pattern RANGE =
      Pattern.compile("(?:bytes[ =])?(\\d{1,18})-(\\d{1,18})(?:/.*)?");

  private final BlobService blobs;
  private final V2Access access;
  private final MinimumRateStreams paced;

  UploadController(BlobService blobs, V2Access access, MinimumRateStreams paced) {
    this.blobs = blobs;
    this.access = access;
    this.paced = paced;
  }

  @PostMapping({"/v2/{name}/blobs/uploads/", "/v2/{name}/blobs/uploads"})
  ResponseEntity<Void> begin(
      @PathVariable String name, @AuthenticationPrincipal Caller caller, HttpServletRequest request)
      throws IOException {
    RepositoryName repository = V2Names.repository(name);
    QueryString query = QueryString.of(request);
    Optional<Digest> mounted = query.first("mount").map(V2Names::digest);
    if (mounted.isPresent() && isMounted(caller, repository, mounted.get(), query, request)) {
      return created(name, mounted.get());
    }
    Optional<Digest> digest = query.first("digest").map(V2Names::digest);
    if (digest.isPresent()) {
      blobs.receive(caller, repository, paced.of(request.getInputStream()), digest.get());
      return created(name, digest.get());
    }
    UploadSession session = blobs.begin(repository, owner(caller, request));
    return ResponseEntity.status(HttpStatus.ACCEPTED).headers(progress(name, session, 0)).build();
  }

  // Without a source that the client may read, the client uploads the blob.
  private boolean isMounted(
      Caller caller,
      RepositoryName repository,
      Digest digest,
      QueryString query,
      HttpServletRequest request) {
    return query
        .first("from")
        .flatMap(V2Names::find)
        .filter(from -> access.mayRead(request, caller, from))
        .filter(from -> blobs.mount(caller, repository, from, digest))
        .isPresent();
  }

  @GetMapping(SESSION)
  ResponseEntity<Void> get(
      @PathVariable String name,
      @PathVariable String session,
      @AuthenticationPrincipal Caller caller,
      HttpServletRequest request) {
    UploadSession found = find(name, session, caller, request);
    return ResponseEntity.noContent().headers(progress(name, found, blobs.size(found))).build();
  }

  @PatchMapping(SESSION)
  ResponseEntity<Void> append(
      @PathVariable String name,
      @PathVariable String session,
      @AuthenticationPrincipal Caller caller,
      HttpServletRequest request)
      throws IOException {
    UploadSession found = find(name, session, caller, request);
    long size = blobs.append(found, range(request), paced.of(request.getInputStream()));
    return ResponseEntity.accepted().headers(progress(name, found, size)).build();
  }

  @PutMapping(SESSION)
  ResponseEntity<Void> finish(
      @PathVariable String name,
      @PathVariable String session,
      @AuthenticationPrincipal Caller caller,
      HttpServletRequest request)
      throws IOException {
    UploadSession found = find(name, session, caller, request);
    Digest digest = V2Names.digest(QueryString.of(request).first("digest").orElse(""));
    blobs.finish(caller, found, range(request), paced.of(request.getInputStream()), digest);
    return created(name, digest);
  }

  @DeleteMapping(SESSION)
  ResponseEntity<Void> cancel(
      @PathVariable String name,
      @PathVariable String session,
      @AuthenticationPrincipal Caller caller,
      HttpServletRequest request) {
    blobs.cancel(find(name, session, caller, request));
    return ResponseEntity.noContent().headers(AnswerHeaders.uncached()).build();
  }

  private UploadSession find(
      String name, String session, Caller caller, HttpServletRequest request) {
    return blobs.upload(session, V2Names.repository(name), owner(caller, request));
  }

  // The same account may go on with a token or a password.
  private static String owner(Caller caller, HttpServletRequest request) {
    return caller instanceof Caller.Unchecked
        ? ""
        : AuditActor.of(caller, request.getRemoteAddr()).who().replaceFirst("^(user|token):", "");
  }

  private static Optional<UploadRange> range(HttpServletRequest request) {
    String header = request.getHeader(HttpHeaders.CONTENT_RANGE);
    if (header == null) {
      return Optional.empty();
    }
    Matcher range = RANGE.matcher(header.strip());
    if (!range.matches()) {
      throw new V2Exception(
          Problem.INVALID, ErrorCode.BLOB_UPLOAD_INVALID, "Content-Range has to be FIRST-LAST");
    }
    return Optional.of(
        new UploadRange(Long.parseLong(range.group(1)), Long.parseLong(range.group(2))));
  }

  private static HttpHeaders progress(String name, UploadSession session, long size) {
    HttpHeaders headers = AnswerHeaders.uncached();
    headers.set(HttpHeaders.LOCATION, "/v2/" + name + "/blobs/uploads/" + session.id());
    headers.set(HttpHeaders.RANGE, "0-" + Math.max(0, size - 1));
    headers.set("Docker-Upload-UUID", session.id());
    return headers;
  }

  private static ResponseEntity<Void> created(String name, Digest digest) {
    HttpHeaders headers = AnswerHeaders.uncached();
    headers.set(HttpHeaders.LOCATION, "/v2/" + name + "/blobs/" + digest);
    headers.set(V2Headers.DIGEST, digest.toString());
    return ResponseEntity.status(HttpStatus.CREATED).headers(headers).build();
  }
}
