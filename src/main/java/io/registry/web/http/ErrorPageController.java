package io.registry.web.http;

import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.webmvc.error.ErrorController;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** Answers requests that failed outside of any controller, in the format of V1. */
@RestController
class ErrorPageController implements ErrorController {
  private static final Logger log = LoggerFactory.getLogger(ErrorPageController.class);

  private final Protocols protocols;

  ErrorPageController(Protocols protocols) {
    this.protocols = protocols;
  }

  @RequestMapping("/error")
  @SuppressWarnings("unchecked")
  @Nullable ResponseEntity<byte[]> error(HttpServletRequest request, HttpServletResponse response) {
    // The answer is cut off. Nothing may follow it: a daemon that resumes the download would treat
    // it as a part of the layer.
    if (response.isCommitted()) {
      return null;
    }
    if (request.getAttribute(ProblemHandler.ANSWER) instanceof ResponseEntity<?> answer) {
      return (ResponseEntity<byte[]>) answer;
    }
    Object code = request.getAttribute(RequestDispatcher.ERROR_STATUS_CODE);
    HttpStatus known = code instanceof Integer number ? HttpStatus.resolve(number) : null;
    HttpStatus status = known == null ? HttpStatus.NOT_FOUND : known;
    log.info(
        "{} {} -> {}",
        request.getMethod(),
        request.getAttribute(RequestDispatcher.ERROR_REQUEST_URI),
        status.value());
    String text =
        request.getAttribute(RequestDispatcher.ERROR_MESSAGE) instanceof String message
                && !message.isEmpty()
            ? message
            : status.getReasonPhrase();
    return protocols.of(request).answer(RequestFailure.of(status, text), request);
  }
}
