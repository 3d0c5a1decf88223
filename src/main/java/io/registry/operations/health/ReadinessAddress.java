package io.registry.operations.health;

import java.net.Inet6Address;
import java.net.InetAddress;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.autoconfigure.endpoint.web.WebEndpointProperties;
import org.springframework.boot.actuate.autoconfigure.web.server.ManagementPortType;
import org.springframework.boot.actuate.autoconfigure.web.server.ManagementServerProperties;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.web.server.Ssl;
import org.springframework.boot.web.server.autoconfigure.ServerProperties;
import org.springframework.core.env.Environment;
import org.springframework.util.StringUtils;

/**
 * The address of the readiness endpoint on this machine, without the port, which is known only once
 * the server listens.
 *
 * @param namespace name of the web server that serves it: empty for the registry's own, otherwise
 *     that of the actuator
 * @param scheme {@code http} or {@code https}
 * @param host the address that the server listens on
 * @param path the path of the endpoint
 */
record ReadinessAddress(String namespace, String scheme, String host, String path) {
  private static final String MANAGEMENT = "management";
  private static final String READINESS = "/health/readiness";

  /**
   * The address that the settings define. The actuator's settings have no bean when they are not
   * set.
   */
  static ReadinessAddress of(Environment environment) {
    Binder binder = Binder.get(environment);
    ServerProperties server = binder.bindOrCreate("server", ServerProperties.class);
    ManagementServerProperties management =
        binder.bindOrCreate("management.server", ManagementServerProperties.class);
    String basePath =
        binder.bindOrCreate("management.endpoints.web", WebEndpointProperties.class).getBasePath();
    if (ManagementPortType.get(environment) == ManagementPortType.DIFFERENT) {
      InetAddress address =
          management.getAddress() == null ? server.getAddress() : management.getAddress();
      return new ReadinessAddress(
          MANAGEMENT,
          scheme(management.getSsl()),
          host(address),
          text(management.getBasePath()) + basePath + READINESS);
    }
    return new ReadinessAddress(
        "",
        scheme(server.getSsl()),
        host(server.getAddress()),
        text(server.getServlet().getContextPath()) + basePath + READINESS);
  }

  /** The complete URL. */
  String at(int port) {
    return scheme + "://" + host + ":" + port + path;
  }

  private static String scheme(@Nullable Ssl ssl) {
    return Ssl.isEnabled(ssl) ? "https" : "http";
  }

  private static String host(@Nullable InetAddress address) {
    if (address == null || address.isAnyLocalAddress()) {
      return "127.0.0.1";
    }
    return address instanceof Inet6Address
        ? "[" + address.getHostAddress() + "]"
        : address.getHostAddress();
  }

  private static String text(@Nullable String path) {
    return StringUtils.hasText(path) ? path : "";
  }
}
