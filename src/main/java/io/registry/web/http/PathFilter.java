package io.registry.web.http;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpServletResponseWrapper;
import java.io.IOException;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpHeaders;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;

/** Normalizes the path of each request for the following filters and the controllers. */
@Component
@Order(Ordered.HIGHEST_PRECEDENCE)
class PathFilter extends OncePerRequestFilter {
  private static final Pattern DETOUR = Pattern.compile("/\\.{1,2}(/|$)");

  private final Protocols protocols;

  PathFilter(Protocols protocols) {
    this.protocols = protocols;
  }

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    String sent = request.getRequestURI();
    Protocol protocol = protocols.of(sent);
    String path;
    try {
      path = protocol.normalise(sent);
    } catch (IllegalArgumentException e) {
      response.sendError(HttpServletResponse.SC_BAD_REQUEST, "The path is not encoded UTF-8");
      return;
    }
    // What another protocol does not know when it is sent so, it does not get when it looks better.
    if (protocols.of(path) != protocol) {
      response.sendError(HttpServletResponse.SC_NOT_FOUND);
      return;
    }
    // Tomcat has resolved such a path already, and would find another controller than Spring.
    if (!protocol.owns(path) && DETOUR.matcher(path).find()) {
      response.sendError(HttpServletResponse.SC_BAD_REQUEST, "The path has . or .. as a part");
      return;
    }
    // Spring fails on a wildcard here. V1 and V2 do not read the type.
    if (!protocol.owns(path)
        && Optional.ofNullable(request.getContentType())
            .filter(it -> it.contains("*"))
            .isPresent()) {
      response.sendError(HttpServletResponse.SC_BAD_REQUEST, "The Content-Type is no type");
      return;
    }
    KnownPath.note(request, sent, path);
    chain.doFilter(new Normalised(request, path), new WithoutExtras(response));
  }

  private static final class Normalised extends HttpServletRequestWrapper {
    private final String path;

    Normalised(HttpServletRequest request, String path) {
      super(request);
      this.path = path;
    }

    @Override
    public String getRequestURI() {
      return path;
    }
  }

  /** Drops headers that Spring adds for browsers and that are not part of V1. */
  private static final class WithoutExtras extends HttpServletResponseWrapper {
    private static final Set<String> EXTRAS =
        Set.of(HttpHeaders.CONTENT_DISPOSITION, HttpHeaders.ACCEPT_PATCH);

    WithoutExtras(HttpServletResponse response) {
      super(response);
    }

    @Override
    public void addHeader(String name, String value) {
      if (!EXTRAS.contains(name)) {
        super.addHeader(name, value);
      }
    }

    @Override
    public void setHeader(String name, String value) {
      if (!EXTRAS.contains(name)) {
        super.setHeader(name, value);
      }
    }
  }
}
