package io.registry.web.api;

import jakarta.servlet.http.HttpServletRequest;
import java.util.Comparator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.http.ResponseEntity;
import org.springframework.http.converter.HttpMessageNotReadableException;
import org.springframework.validation.FieldError;
import org.springframework.web.bind.MethodArgumentNotValidException;
import org.springframework.web.bind.MissingServletRequestParameterException;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RestControllerAdvice;
import org.springframework.web.method.annotation.MethodArgumentTypeMismatchException;

/**
 * Names the invalid field or parameter of a request, but not its value. All other errors are
 * answered like those of the V1 routes, in the same format.
 */
@RestControllerAdvice(basePackageClasses = ApiProblemHandler.class)
@Order(Ordered.HIGHEST_PRECEDENCE)
@ConditionalOnApi
class ApiProblemHandler {
  private static final Logger log = LoggerFactory.getLogger(ApiProblemHandler.class);

  /**
   * The body of an error answer.
   *
   * @param error the error as text
   */
  record Refusal(String error) {}

  @ExceptionHandler
  ResponseEntity<Refusal> handle(
      MethodArgumentNotValidException failure, HttpServletRequest request) {
    String text =
        failure.getBindingResult().getFieldErrors().stream()
            .min(Comparator.comparing(FieldError::getField))
            .map(error -> error.getField() + ": " + error.getDefaultMessage())
            .orElse("The body does not fit");
    return refuse(text, request);
  }

  @ExceptionHandler
  ResponseEntity<Refusal> handle(
      MethodArgumentTypeMismatchException failure, HttpServletRequest request) {
    String wanted = failure.getRequiredType() == boolean.class ? "true or false" : "a number";
    return refuse("%s: has to be %s".formatted(failure.getName(), wanted), request);
  }

  @ExceptionHandler
  ResponseEntity<Refusal> handle(
      MissingServletRequestParameterException failure, HttpServletRequest request) {
    return refuse(failure.getParameterName() + ": has to be there", request);
  }

  @ExceptionHandler
  ResponseEntity<Refusal> handle(
      HttpMessageNotReadableException failure, HttpServletRequest request) {
    return refuse("The request has no body", request);
  }

  private static ResponseEntity<Refusal> refuse(String text, HttpServletRequest request) {
    log.info("{} {} -> 400 {}", request.getMethod(), request.getRequestURI(), text);
    return ResponseEntity.badRequest().body(new Refusal(text));
  }
}
