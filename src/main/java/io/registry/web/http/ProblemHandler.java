package io.registry.web.http;

import io.registry.platform.problem.Problem;
import io.registry.platform.problem.RegistryException;
import io.registry.platform.problem.RetryLaterException;
import io.registry.storage.StorageException;
import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Clock;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.tomcat.util.http.InvalidParameterException;
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

  private final Protocols protocols;
  private final StackTraces stacks;

  ProblemHandler(Protocols protocols, Clock clock) {
    this.protocols = protocols;
    this.stacks = new StackTraces(clock);
  }

  @ExceptionHandler
  ResponseEntity<byte[]> handle(
      Exception failure, HttpServletRequest request, HttpServletResponse response)
      throws Exception {
    ResponseEntity<byte[]> answer =
        protocols.of(request).answer(problem(failure, request), request);
    // When the request could not be read, Tomcat asks once more what to answer.
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

  private RequestFailure problem(Exception failure, HttpServletRequest request) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof RegistryException refusal) {
        return logged(refused(refusal), request);
      }
      if (cause instanceof StorageException broken) {
        return fail(broken, request);
      }
      if (cause instanceof InvalidParameterException) {
        return logged(RequestFailure.of(HttpStatus.BAD_REQUEST, "Bad Request"), request);
      }
      if (cause instanceof ErrorResponse error) {
        HttpStatusCode status = error.getStatusCode();
        return logged(RequestFailure.of(status, headers(error), phrase(status)), request);
      }
    }
    if (failure instanceof IOException) {
      log.info("{}: the client went away: {}", line(request), failure.toString());
      return RequestFailure.of(HttpStatus.BAD_REQUEST, "The request broke off");
    }
    log.error("{} failed", line(request), failure);
    return RequestFailure.of(HttpStatus.INTERNAL_SERVER_ERROR, "Internal Server Error");
  }

  private RequestFailure logged(RequestFailure refusal, HttpServletRequest request) {
    boolean absent = refusal.status().value() == HttpStatus.NOT_FOUND.value();
    if (absent && protocols.of(request).isExistenceTest(request)) {
      log.debug("{} -> 404: the client asks whether it exists", line(request));
    } else {
      log.info("{} -> {} {}", line(request), refusal.status().value(), refusal.text());
    }
    return refusal;
  }

  private static RequestFailure refused(RegistryException refusal) {
    return new RequestFailure(
        status(refusal.problem()), headers(refusal), refusal.getMessage(), Optional.of(refusal));
  }

  private RequestFailure fail(StorageException failure, HttpServletRequest request) {
    switch (failure.reason()) {
      case UNAVAILABLE -> log.warn("{} failed: {}", line(request), failure.getMessage());
      case FULL, DENIED, READ_ONLY -> {
        if (stacks.isDue(failure.reason())) {
          log.error("{} failed", line(request), failure);
        } else {
          log.error("{} failed: {}", line(request), failure.getMessage());
        }
      }
      case BROKEN -> log.error("{} failed", line(request), failure);
    }
    return switch (failure.reason()) {
      case FULL -> RequestFailure.of(HttpStatus.INSUFFICIENT_STORAGE, "The storage is full");
      case READ_ONLY ->
          refused(new RegistryException(Problem.READ_ONLY, "This registry is read-only"));
      case DENIED -> unavailable("The storage refuses access");
      case UNAVAILABLE -> unavailable("The storage does not answer");
      case BROKEN -> RequestFailure.of(HttpStatus.INTERNAL_SERVER_ERROR, "The storage failed");
    };
  }

  private static RequestFailure unavailable(String text) {
    HttpHeaders headers = new HttpHeaders();
    headers.set(HttpHeaders.RETRY_AFTER, RETRY_SECONDS);
    return RequestFailure.of(HttpStatus.SERVICE_UNAVAILABLE, headers, text);
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

  private static HttpHeaders headers(RegistryException refusal) {
    HttpHeaders headers = new HttpHeaders();
    if (refusal instanceof RetryLaterException later) {
      headers.set(HttpHeaders.RETRY_AFTER, String.valueOf(later.after().toSeconds()));
    } else if (refusal.problem() == Problem.UNAVAILABLE) {
      headers.set(HttpHeaders.RETRY_AFTER, RETRY_SECONDS);
    } else if (refusal.problem() == Problem.READ_ONLY) {
      headers.setAllow(READING);
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
