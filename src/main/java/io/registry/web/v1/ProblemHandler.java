package io.registry.web.v1;

import io.registry.auth.IndexMode;
import io.registry.auth.IndexProperties;
import io.registry.problem.Problem;
import io.registry.problem.RegistryException;
import io.registry.problem.RetryLaterException;
import io.registry.storage.StorageException;
import io.registry.web.RequestIdValve;
import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatus;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.ResponseEntity;
import org.springframework.web.ErrorResponse;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RestControllerAdvice;

/** Maps exceptions to V1 answers, {@code {"error": TEXT}}, and nothing else does. */
@RestControllerAdvice
class ProblemHandler {
  private static final Logger log = LoggerFactory.getLogger(ProblemHandler.class);

  /** The request attribute with the answer to a failure. */
  static final String ANSWER = ProblemHandler.class.getName() + ".ANSWER";

  private static final Set<HttpMethod> READING =
      new LinkedHashSet<>(List.of(HttpMethod.GET, HttpMethod.HEAD, HttpMethod.OPTIONS));

  private static final String RETRY_SECONDS = "30";

  private final V1Responses responses;
  private final String challenge;

  ProblemHandler(V1Responses responses, IndexProperties index) {
    this.responses = responses;
    // As on the Hub; a remote index takes the password itself (protocol 2.0, 2.5).
    this.challenge =
        index.mode() == IndexMode.EMBEDDED ? "Basic realm=\"auth required\",Token" : "Token";
  }

  @ExceptionHandler
  ResponseEntity<byte[]> handle(
      Exception failure, HttpServletRequest request, HttpServletResponse response)
      throws Exception {
    ResponseEntity<byte[]> answer = answer(failure, request);
    // If the request could not be read, Tomcat asks again for an answer.
    request.setAttribute(ANSWER, answer);
    if (!response.isCommitted()) {
      startOver(response);
    } else if (request.getAttribute(RequestDispatcher.ERROR_EXCEPTION) == null) {
      // The answer has begun: the server closes the connection, so that the client sees an
      // incomplete body.
      throw failure;
    }
    return answer;
  }

  // Drops headers that a failed download has set already, such as those for caching. The CORS
  // headers and the request id apply to any answer.
  private static void startOver(HttpServletResponse response) {
    Map<String, List<String>> kept =
        response.getHeaderNames().stream()
            .filter(
                name ->
                    name.startsWith("Access-Control-")
                        || name.equals(HttpHeaders.VARY)
                        || name.equals(RequestIdValve.NAME))
            .distinct()
            .collect(
                Collectors.toMap(name -> name, name -> List.copyOf(response.getHeaders(name))));
    response.reset();
    kept.forEach((name, values) -> values.forEach(value -> response.addHeader(name, value)));
  }

  private ResponseEntity<byte[]> answer(Exception failure, HttpServletRequest request) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof RegistryException refusal) {
        return refuse(status(refusal.problem()), headers(refusal), refusal.getMessage(), request);
      }
      if (cause instanceof StorageException broken) {
        return fail(broken, request);
      }
      if (cause instanceof ErrorResponse error) {
        HttpStatusCode status = error.getStatusCode();
        return refuse(status, headers(error), phrase(status), request);
      }
    }
    if (failure instanceof IOException) {
      log.info("{}: the client went away: {}", line(request), failure.toString());
      return responses.error(HttpStatus.BAD_REQUEST, new HttpHeaders(), "The request broke off");
    }
    log.error("{} failed", line(request), failure);
    return responses.error(
        HttpStatus.INTERNAL_SERVER_ERROR, new HttpHeaders(), "Internal Server Error");
  }

  private ResponseEntity<byte[]> refuse(
      HttpStatusCode status, HttpHeaders headers, String text, HttpServletRequest request) {
    log.info("{} -> {} {}", line(request), status.value(), text);
    return responses.error(status, headers, text);
  }

  private ResponseEntity<byte[]> fail(StorageException failure, HttpServletRequest request) {
    if (failure.reason() == StorageException.Reason.UNAVAILABLE) {
      log.warn("{} failed: {}", line(request), failure.getMessage());
    } else {
      log.error("{} failed", line(request), failure);
    }
    return switch (failure.reason()) {
      case FULL ->
          responses.error(
              HttpStatus.INSUFFICIENT_STORAGE, new HttpHeaders(), "The storage is full");
      case READ_ONLY -> {
        RegistryException refusal =
            new RegistryException(Problem.READ_ONLY, "This registry is read-only");
        yield responses.error(status(refusal.problem()), headers(refusal), refusal.getMessage());
      }
      case DENIED -> unavailable("The storage refuses access");
      case UNAVAILABLE -> unavailable("The storage does not answer");
      case BROKEN ->
          responses.error(
              HttpStatus.INTERNAL_SERVER_ERROR, new HttpHeaders(), "The storage failed");
    };
  }

  private ResponseEntity<byte[]> unavailable(String text) {
    HttpHeaders headers = new HttpHeaders();
    headers.set(HttpHeaders.RETRY_AFTER, RETRY_SECONDS);
    return responses.error(HttpStatus.SERVICE_UNAVAILABLE, headers, text);
  }

  private static HttpStatus status(Problem problem) {
    return switch (problem) {
      case INVALID, IN_PROGRESS -> HttpStatus.BAD_REQUEST;
      case NOT_FOUND -> HttpStatus.NOT_FOUND;
      case CONFLICT -> HttpStatus.CONFLICT;
      case OUTDATED_CLIENT -> HttpStatus.PRECONDITION_FAILED;
      case TOO_LARGE -> HttpStatus.CONTENT_TOO_LARGE;
      case UNAUTHENTICATED -> HttpStatus.UNAUTHORIZED;
      case FORBIDDEN -> HttpStatus.FORBIDDEN;
      case READ_ONLY -> HttpStatus.METHOD_NOT_ALLOWED;
      case TOO_MANY -> HttpStatus.TOO_MANY_REQUESTS;
      case UNAVAILABLE -> HttpStatus.SERVICE_UNAVAILABLE;
    };
  }

  private HttpHeaders headers(RegistryException refusal) {
    HttpHeaders headers = new HttpHeaders();
    if (refusal instanceof RetryLaterException later) {
      headers.set(HttpHeaders.RETRY_AFTER, String.valueOf(later.after().toSeconds()));
    } else if (refusal.problem() == Problem.UNAVAILABLE) {
      headers.set(HttpHeaders.RETRY_AFTER, RETRY_SECONDS);
    } else if (refusal.problem() == Problem.READ_ONLY) {
      headers.setAllow(READING);
    } else if (refusal.problem() == Problem.UNAUTHENTICATED) {
      headers.set(HttpHeaders.WWW_AUTHENTICATE, challenge);
    }
    return headers;
  }

  // Spring's list of allowed methods contains HEAD and OPTIONS, which it adds to each route.
  private static HttpHeaders headers(ErrorResponse error) {
    HttpHeaders headers = new HttpHeaders(error.getHeaders());
    Set<HttpMethod> allowed = new LinkedHashSet<>(headers.getAllow());
    if (!allowed.isEmpty()) {
      if (allowed.contains(HttpMethod.GET)) {
        allowed.add(HttpMethod.HEAD);
      }
      allowed.add(HttpMethod.OPTIONS);
      headers.setAllow(allowed);
    }
    return headers;
  }

  private static String phrase(HttpStatusCode status) {
    HttpStatus known = HttpStatus.resolve(status.value());
    return known == null ? "Error" : known.getReasonPhrase();
  }

  private static String line(HttpServletRequest request) {
    return request.getMethod() + " " + request.getRequestURI();
  }
}
