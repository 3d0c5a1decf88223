package io.registry.web.http;

import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.http.HttpServletRequest;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.springframework.stereotype.Component;

/** The protocols that the server speaks, of which the primary one owns what no other does. */
@Component
public class Protocols {
  private final List<Protocol> protocols;
  private final Protocol primary;

  Protocols(List<Protocol> protocols, Protocol primary) {
    this.protocols = List.copyOf(protocols);
    this.primary = primary;
  }

  /**
   * The protocol of a path.
   *
   * @param path percent-encoded, as the client sent it or in its one spelling
   */
  public Protocol of(String path) {
    for (Protocol protocol : protocols) {
      if (protocol.owns(path)) {
        return protocol;
      }
    }
    return primary;
  }

  /** The protocol of a request, also while the server asks what to answer to an error. */
  public Protocol of(HttpServletRequest request) {
    Object failed = request.getAttribute(RequestDispatcher.ERROR_REQUEST_URI);
    String path =
        KnownPath.of(request)
            .or(() -> Optional.ofNullable(failed).map(Object::toString))
            .or(() -> Optional.ofNullable(request.getRequestURI()))
            .orElse("");
    return of(path);
  }

  List<String> storePaths() {
    return protocols.stream().flatMap(protocol -> protocol.storePaths().stream()).toList();
  }

  Set<String> blobRoutes() {
    return protocols.stream()
        .flatMap(protocol -> protocol.blobRoutes().stream())
        .collect(Collectors.toUnmodifiableSet());
  }
}
