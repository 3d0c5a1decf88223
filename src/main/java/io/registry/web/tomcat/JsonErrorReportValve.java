package io.registry.web.tomcat;

import io.registry.web.http.Protocols;
import jakarta.servlet.RequestDispatcher;
import java.io.IOException;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ErrorReportValve;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpStatus;
import org.springframework.http.HttpStatusCode;

/**
 * Answers with JSON the requests that Tomcat itself refuses before any servlet sees them: malformed
 * requests, paths that lead out of the root, headers that are too large.
 */
public class JsonErrorReportValve extends ErrorReportValve {
  private static final Logger log = LoggerFactory.getLogger(JsonErrorReportValve.class);

  private final Protocols protocols;

  JsonErrorReportValve(Protocols protocols) {
    this.protocols = protocols;
  }

  // A Docker daemon tries TLS first with a registry that it need not trust. Tomcat tells of the
  // bytes in the message of its exception only.
  private static boolean isTlsHello(Request request) {
    return request.getCoyoteRequest().getAttribute(RequestDispatcher.ERROR_EXCEPTION)
            instanceof IllegalArgumentException refused
        && String.valueOf(refused.getMessage()).contains("[0x160x03");
  }

  @Override
  protected void report(Request request, Response response, @Nullable Throwable throwable) {
    int status = response.getStatus();
    if (status < 400 || response.getContentWritten() > 0 || !response.setErrorReported()) {
      return;
    }
    HttpStatus known = HttpStatus.resolve(status);
    String reason = known == null ? "Error" : known.getReasonPhrase();
    if (isTlsHello(request)) {
      log.debug("{} from {}: a TLS hello, and this port has none", status, request.getRemoteAddr());
    } else {
      log.info("{} from {}: the request is malformed", status, request.getRemoteAddr());
    }
    byte[] body = protocols.of(request).errorBody(HttpStatusCode.valueOf(status), reason);
    try {
      response.setContentType("application/json");
      response.setHeader("Cache-Control", "no-cache");
      response.setContentLength(body.length);
      response.getOutputStream().write(body);
      response.finishResponse();
    } catch (IOException | IllegalStateException e) {
      log.debug("The client closed the connection before the answer", e);
    }
  }
}
