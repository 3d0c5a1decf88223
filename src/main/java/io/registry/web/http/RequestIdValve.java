package io.registry.web.http;

import jakarta.servlet.ServletException;
import java.io.IOException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Pattern;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ValveBase;
import org.slf4j.MDC;

/**
 * Assigns an id to each request before any other processing: the one from a proxy's header, or a
 * new one. The id is in a header of the answer and in each line of the log.
 */
public final class RequestIdValve extends ValveBase {
  /** The name of the header in request and answer, and of the request attribute. */
  public static final String NAME = "X-Request-Id";

  /** The key of the id in the logging context (MDC). */
  public static final String KEY = "request";

  // The id is logged: text from a client must not look like another part of a log line.
  private static final Pattern FORM = Pattern.compile("[A-Za-z0-9._:/+=-]{1,100}");

  /** Creates the valve. */
  public RequestIdValve() {
    super(true);
  }

  @Override
  public void invoke(Request request, Response response) throws IOException, ServletException {
    String id = id(request.getHeader(NAME));
    request.setAttribute(NAME, id);
    response.setHeader(NAME, id);
    MDC.put(KEY, id);
    try {
      getNext().invoke(request, response);
    } finally {
      MDC.remove(KEY);
    }
  }

  // Ids are unique, but not secret.
  private static String id(String sent) {
    return sent != null && FORM.matcher(sent).matches()
        ? sent
        : Long.toHexString(ThreadLocalRandom.current().nextLong() | Long.MIN_VALUE);
  }
}
