package io.registry.web.tomcat;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.catalina.connector.Connector;

/** The connectors on which the server listens. */
final class Connectors {
  private final List<Connector> connectors = new CopyOnWriteArrayList<>();

  /** Adds a connector. */
  void add(Connector connector) {
    connectors.add(connector);
  }

  /** All connectors. */
  List<Connector> all() {
    return connectors;
  }

  /** The HTTP protocol handlers of the connectors. */
  List<RegistryProtocol> protocols() {
    return connectors.stream()
        .map(Connector::getProtocolHandler)
        .filter(RegistryProtocol.class::isInstance)
        .map(RegistryProtocol.class::cast)
        .toList();
  }
}
