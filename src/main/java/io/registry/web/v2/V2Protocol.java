package io.registry.web.v2;

import io.registry.content.manifest.UploadRefusal;
import io.registry.platform.json.JsonCodec;
import io.registry.platform.problem.Problem;
import io.registry.platform.problem.RegistryException;
import io.registry.web.http.AnswerHeaders;
import io.registry.web.http.Protocol;
import io.registry.web.http.ReasonPhrase;
import io.registry.web.http.RequestFailure;
import io.registry.web.http.WorkKind;
import jakarta.servlet.http.HttpServletRequest;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.stereotype.Component;

/** V2 towards the server: its paths and the form of its errors. */
@Component
@ConditionalOnV2
@Order(0)
class V2Protocol implements Protocol {
  /** A push begins with the upload of a blob, and ends with a manifest that has a tag. */
  private static final Pattern UPLOADS = Pattern.compile("/v2/(.+)/blobs/uploads/?");

  private static final Pattern MANIFEST = Pattern.compile("/v2/(.+)/manifests/[^/:%]+");

  private final JsonCodec codec;
  private final BearerChallenge challenge;
  private final VersionHeader version;

  V2Protocol(JsonCodec codec, BearerChallenge challenge, VersionHeader version) {
    this.codec = codec;
    this.challenge = challenge;
    this.version = version;
  }

  @Override
  public boolean owns(String path) {
    return V2Path.owns(path);
  }

  @Override
  public String normalise(String sent) {
    return V2Path.normalise(sent);
  }

  /** Names are one segment with encoded slashes; controllers check their grammar. */
  @Override
  public boolean acceptsAnyPath() {
    return true;
  }

  @Override
  public Optional<WorkKind> kind(String method, String path) {
    if (path.equals(V2Path.BASE)) {
      return Optional.empty();
    }
    if (path.contains("/blobs/uploads/")) {
      boolean isUpload = Set.of("POST", "PATCH", "PUT").contains(method);
      return Optional.of(isUpload ? WorkKind.UPLOAD : WorkKind.small(method));
    }
    boolean blob = path.contains("/blobs/");
    return Optional.of(blob && method.equals("GET") ? WorkKind.DOWNLOAD : WorkKind.small(method));
  }

  @Override
  public List<String> storePaths() {
    return List.of("/v2/**");
  }

  @Override
  public Set<String> blobRoutes() {
    return Set.of("/v2/{name}/blobs/{digest}", "/v2/{name}/blobs/uploads/{session}");
  }

  @Override
  public Optional<PushStep> pushStep(String method, String path) {
    Matcher begin = UPLOADS.matcher(path);
    if (method.equals("POST") && begin.matches()) {
      return Optional.of(new PushStep(begin.group(1), false));
    }
    Matcher end = MANIFEST.matcher(path);
    return method.equals("PUT") && end.matches()
        ? Optional.of(new PushStep(end.group(1), true))
        : Optional.empty();
  }

  @Override
  public boolean isExistenceTest(HttpServletRequest request) {
    return request.getMethod().equals("HEAD");
  }

  @Override
  public ResponseEntity<byte[]> answer(RequestFailure failure, HttpServletRequest request) {
    Optional<RegistryException> refusal = failure.refusal();
    Optional<Problem> problem = refusal.map(RegistryException::problem);
    // What is being uploaded is not there yet.
    HttpStatusCode status =
        problem.filter(it -> it == Problem.IN_PROGRESS).isPresent()
            ? HttpStatus.NOT_FOUND
            : upload(refusal)
                .filter(it -> it.reason() == UploadRefusal.Reason.RANGE)
                .<HttpStatusCode>map(it -> HttpStatus.REQUESTED_RANGE_NOT_SATISFIABLE)
                .orElse(failure.status());
    HttpHeaders headers = AnswerHeaders.uncached();
    headers.putAll(failure.headers());
    version.addTo(headers, request);
    if (problem.filter(it -> it == Problem.UNAUTHENTICATED).isPresent()) {
      headers.set(HttpHeaders.WWW_AUTHENTICATE, challenge.of(request));
    }
    ReasonPhrase.set(request, failure.text());
    byte[] body = body(code(refusal, status, request.getRequestURI()), failure.text());
    return ResponseEntity.status(status)
        .headers(headers)
        .contentType(MediaType.APPLICATION_JSON)
        .contentLength(body.length)
        .body(body);
  }

  private static Optional<UploadRefusal> upload(Optional<RegistryException> refusal) {
    return refusal.filter(UploadRefusal.class::isInstance).map(UploadRefusal.class::cast);
  }

  private static ErrorCode code(
      Optional<RegistryException> refusal, HttpStatusCode status, String path) {
    return refusal
        .filter(V2Exception.class::isInstance)
        .map(known -> ((V2Exception) known).code())
        .or(() -> upload(refusal).map(V2Protocol::code))
        .or(() -> refusal.flatMap(known -> code(known, path)))
        .orElseGet(() -> code(status, path));
  }

  private static ErrorCode code(UploadRefusal refusal) {
    return switch (refusal.reason()) {
      case UNKNOWN -> ErrorCode.BLOB_UPLOAD_UNKNOWN;
      case DIGEST -> ErrorCode.DIGEST_INVALID;
      case RANGE, INVALID -> ErrorCode.BLOB_UPLOAD_INVALID;
    };
  }

  private static Optional<ErrorCode> code(RegistryException refusal, String path) {
    return switch (refusal.problem()) {
      case NOT_FOUND ->
          switch (refusal.subject()) {
            case REPOSITORY -> Optional.of(ErrorCode.NAME_UNKNOWN);
            case BLOB ->
                Optional.of(
                    path.contains("/manifests/")
                        ? ErrorCode.MANIFEST_BLOB_UNKNOWN
                        : ErrorCode.BLOB_UNKNOWN);
            default -> Optional.empty();
          };
      case INVALID ->
          switch (refusal.subject()) {
            case MANIFEST -> Optional.of(ErrorCode.MANIFEST_INVALID);
            case SIGNATURE -> Optional.of(ErrorCode.MANIFEST_UNVERIFIED);
            case BLOB -> Optional.of(ErrorCode.DIGEST_INVALID);
            case UPLOAD -> Optional.of(ErrorCode.BLOB_UPLOAD_INVALID);
            default -> Optional.empty();
          };
      // Docker tries again and again when the code is not one of a few.
      case CONFLICT, TOO_LARGE -> Optional.of(ErrorCode.DENIED);
      default -> Optional.empty();
    };
  }

  private static ErrorCode code(HttpStatusCode status, String path) {
    return switch (status.value()) {
      case 401 -> ErrorCode.UNAUTHORIZED;
      case 403 -> ErrorCode.DENIED;
      case 404 -> unknown(path);
      case 405 -> ErrorCode.UNSUPPORTED;
      case 429 -> ErrorCode.TOOMANYREQUESTS;
      case 503 -> ErrorCode.UNAVAILABLE;
      default -> ErrorCode.UNKNOWN;
    };
  }

  private static ErrorCode unknown(String path) {
    if (path.contains("/manifests/")) {
      return ErrorCode.MANIFEST_UNKNOWN;
    }
    return path.contains("/blobs/") ? ErrorCode.BLOB_UNKNOWN : ErrorCode.NAME_UNKNOWN;
  }

  @Override
  public byte[] errorBody(HttpStatusCode status, String text) {
    return body(code(status, ""), text);
  }

  private byte[] body(ErrorCode code, String text) {
    Map<String, Object> error = new LinkedHashMap<>();
    error.put("code", code.name());
    error.put("message", text);
    error.put("detail", Map.of());
    return codec.render(Map.of("errors", List.of(error)));
  }
}
