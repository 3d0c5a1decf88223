package io.registry.web.tomcat;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.catalina.connector.Connector;

/** Where the server listens to clients. */
final class Connectors {
  private final List<Connector> connectors = new CopyOnWriteArrayList<>();

  /** Notes one. */
  void add(Connector connector) {
    connectors.add(connector);
  }

  /** All of them. */
  List<Connector> all() {
    return connectors;
  }

  /** How they speak HTTP. */
  List<RegistryProtocol> protocols() {
    return connectors.stream()
        .map(Connector::getProtocolHandler)
        .filter(RegistryProtocol.class::isInstance)
        .map(RegistryProtocol.class::cast)
        .toList();
  }
}
