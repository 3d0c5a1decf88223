package io.registry.testkit;

import io.registry.RegistryApplication;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * The registry, which tells in headers of its answers what it knows of the connection. Without a
 * stereotype, so that no other test's component scan finds it.
 */
@Import(RegistryApplication.class)
public final class ObservedRegistry {
  /** The address of the client. */
  public static final String CLIENT = "Test-Client";

  /** Whether files may be sent by the operating system. */
  public static final String SENDFILE = "Test-Sendfile";

  @Bean
  static ObservingFilter observingFilter() {
    return new ObservingFilter();
  }

  @Order(Ordered.LOWEST_PRECEDENCE)
  static final class ObservingFilter extends OncePerRequestFilter {

    @Override
    protected void doFilterInternal(
        HttpServletRequest request, HttpServletResponse response, FilterChain chain)
        throws ServletException, IOException {
      response.setHeader(CLIENT, request.getRemoteAddr());
      response.setHeader(
          SENDFILE, String.valueOf(request.getAttribute("org.apache.tomcat.sendfile.support")));
      chain.doFilter(request, response);
    }
  }
}
