package io.registry.web.v1;

import io.registry.access.auth.IndexMode;
import io.registry.access.auth.IndexProperties;
import io.registry.platform.problem.Problem;
import io.registry.web.http.Protocol;
import io.registry.web.http.RequestFailure;
import io.registry.web.http.WorkKind;
import jakarta.servlet.http.HttpServletRequest;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.springframework.context.annotation.Primary;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.ResponseEntity;
import org.springframework.stereotype.Component;

/**
 * V1 towards the server. It is the primary protocol: the API for accounts, and what operators ask,
 * are answered in its form.
 */
@Component
@Primary
class V1Protocol implements Protocol {
  /** A push begins with a PUT of the repository, and ends with one of its images. */
  private static final Pattern REPOSITORY =
      Pattern.compile("/v1/repositories/([^/]+/[^/]+)(/images)?");

  private static final String IMAGES = "/v1/images/";

  private final V1Responses responses;
  private final String challenge;

  V1Protocol(V1Responses responses, IndexProperties index) {
    this.responses = responses;
    // As the Hub had it; an index elsewhere takes the password itself (protocol 2.0, 2.5).
    this.challenge =
        index.mode() == IndexMode.EMBEDDED ? "Basic realm=\"auth required\",Token" : "Token";
  }

  @Override
  public boolean owns(String path) {
    return path.startsWith("/v1/");
  }

  @Override
  public String normalise(String sent) {
    return V1Path.normalise(sent);
  }

  /** Names may hold what browsers' paths may not (protocol 2.0). */
  @Override
  public boolean acceptsAnyPath() {
    return true;
  }

  /**
   * Not bounded are {@code _ping}, {@code _status} and health, by which others judge whether the
   * registry lives.
   */
  @Override
  public Optional<WorkKind> kind(String method, String path) {
    if (path.startsWith(IMAGES) && path.endsWith("/layer")) {
      return Optional.of(
          switch (method) {
            case "PUT" -> WorkKind.UPLOAD;
            case "GET" -> WorkKind.DOWNLOAD;
            default -> WorkKind.small(method);
          });
    }
    // What is not listed yet is read whole for it.
    if (path.startsWith(IMAGES) && (path.endsWith("/files") || path.endsWith("/diff"))) {
      return Optional.of(WorkKind.DOWNLOAD);
    }
    boolean free = !(path.startsWith("/v1/") || path.startsWith("/api/")) || isSign(path);
    return free ? Optional.empty() : Optional.of(WorkKind.small(method));
  }

  // Of life.
  private static boolean isSign(String path) {
    return path.equals("/v1/_ping") || path.equals("/v1/_status");
  }

  @Override
  public List<String> storePaths() {
    return List.of("/v1/images/**", "/v1/repositories/**");
  }

  @Override
  public Set<String> blobRoutes() {
    return Set.of("/v1/images/{id}/layer");
  }

  @Override
  public Optional<PushStep> pushStep(String method, String path) {
    Matcher repository = REPOSITORY.matcher(path);
    return method.equals("PUT") && repository.matches()
        ? Optional.of(new PushStep(repository.group(1), repository.group(2) != null))
        : Optional.empty();
  }

  @Override
  public boolean isExistenceTest(HttpServletRequest request) {
    String path = request.getRequestURI();
    return request.getMethod().matches("GET|HEAD")
        && path.contains(IMAGES)
        && path.endsWith("/json");
  }

  @Override
  public ResponseEntity<byte[]> answer(RequestFailure failure, HttpServletRequest request) {
    HttpHeaders headers = failure.headers();
    if (failure
        .refusal()
        .filter(refusal -> refusal.problem() == Problem.UNAUTHENTICATED)
        .isPresent()) {
      headers.set(HttpHeaders.WWW_AUTHENTICATE, challenge);
    }
    return responses.error(failure.status(), headers, failure.text());
  }

  @Override
  public byte[] errorBody(HttpStatusCode status, String text) {
    return responses.errorBody(text);
  }
}
