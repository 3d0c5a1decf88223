package io.registry.web;

import jakarta.servlet.ServletException;
import java.io.IOException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Pattern;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ValveBase;
import org.slf4j.MDC;

/**
 * Gives each request an id, before anything else looks at it: the one that a proxy in front has
 * given it, or a new one. It is a header of the answer, and in each line of the log.
 */
public final class RequestIdValve extends ValveBase {
  /** The header of request and answer, and the attribute of the request. */
  public static final String NAME = "X-Request-Id";

  /** The key of the id in the log's diagnostic context. */
  public static final String KEY = "request";

  // What a client sends comes into the log, and must not look like something else there.
  private static final Pattern FORM = Pattern.compile("[A-Za-z0-9._:/+=-]{1,100}");

  /** A valve for requests of any kind. */
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

  // Told apart from one another, not secret.
  private static String id(String sent) {
    return sent != null && FORM.matcher(sent).matches()
        ? sent
        : Long.toHexString(ThreadLocalRandom.current().nextLong() | Long.MIN_VALUE);
  }
}
