package io.registry.web.http;

import io.registry.access.auth.IndexMode;
import io.registry.access.auth.IndexProperties;
import io.registry.platform.problem.Problem;
import io.registry.platform.problem.RegistryException;
import jakarta.servlet.http.HttpServletRequest;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpHeaders;
import org.springframework.stereotype.Component;

/**
 * Determines the endpoints to which clients are told to push and from which to pull (protocol 4.1).
 * Clients send their tokens and images there, so the host name of the request is only returned when
 * it is one of the registry's.
 */
@Component
public final class Endpoints {
  private static final Logger log = LoggerFactory.getLogger(Endpoints.class);
  private static final int HTTP_PORT = 80;
  private static final int HTTPS_PORT = 443;

  private final List<String> fixed;
  private final AllowedHosts allowed;
  private final boolean standalone;

  Endpoints(RegistryProperties registry, IndexProperties index) {
    this.fixed = registry.endpoints();
    this.allowed = new AllowedHosts(registry.allowedHosts());
    this.standalone = index.mode() == IndexMode.STANDALONE;
    if (!standalone && fixed.isEmpty() && allowed.isEmpty()) {
      log.info(
          "Clients reach this registry as localhost and by its address; for another name set"
              + " registry.allowed-hosts=NAME");
    }
  }

  /**
   * The endpoints to name in the answer to a request.
   *
   * @throws RegistryException when the request's host is not one of the registry's
   */
  public String of(HttpServletRequest request) {
    if (!fixed.isEmpty()) {
      return String.join(",", fixed);
    }
    Optional<String> asked = asked(request);
    if (asked.isEmpty()) {
      return own(request);
    }
    HostAndPort host =
        HostAndPort.parse(asked.get())
            .orElseThrow(() -> new RegistryException(Problem.INVALID, "Invalid host"));
    if (!isAllowed(host, request)) {
      throw new RegistryException(
          Problem.INVALID,
          "This registry is not to be reached as %s: set registry.allowed-hosts=%s, or add it there"
              .formatted(asked.get(), host.host()));
    }
    return asked.get();
  }

  // Without accounts there are no credentials to steal, and the registry may be in use under any
  // name.
  private boolean isAllowed(HostAndPort host, HttpServletRequest request) {
    return allowed.contains(host)
        || (standalone && allowed.isEmpty())
        || AllowedHosts.isLoopback(host)
        || isOwn(host, request);
  }

  private static boolean isOwn(HostAndPort host, HttpServletRequest request) {
    OptionalInt port = OptionalInt.of(request.getLocalPort());
    return host.equals(new HostAndPort(address(request), port));
  }

  // As the client wrote it, unless a trusted proxy reports another host.
  private static Optional<String> asked(HttpServletRequest request) {
    String header = request.getHeader(HttpHeaders.HOST);
    if (header == null || header.isEmpty()) {
      return Optional.empty();
    }
    String name = request.getServerName();
    int port = request.getServerPort();
    boolean usual = port == (request.isSecure() ? HTTPS_PORT : HTTP_PORT);
    boolean same =
        HostAndPort.parse(header)
            .filter(written -> written.host().equalsIgnoreCase(name))
            .filter(written -> usual || written.port().equals(OptionalInt.of(port)))
            .isPresent();
    if (same) {
      return Optional.of(header);
    }
    return Optional.of(usual ? name : name + ":" + port);
  }

  private static String own(HttpServletRequest request) {
    return address(request) + ":" + request.getLocalPort();
  }

  private static String address(HttpServletRequest request) {
    String ip = request.getLocalAddr();
    return ip.indexOf(':') < 0 ? ip : "[" + ip + "]";
  }
}
