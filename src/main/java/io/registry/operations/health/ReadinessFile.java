package io.registry.operations.health;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.springframework.boot.web.server.context.WebServerInitializedEvent;
import org.springframework.context.ApplicationListener;

/**
 * Writes the URL of the readiness endpoint to a file for {@link HealthProbe}, which does not read
 * the settings itself in order to stay small.
 */
final class ReadinessFile implements ApplicationListener<WebServerInitializedEvent> {
  private final Path file;
  private final ReadinessAddress address;

  /**
   * Creates the writer.
   *
   * @param file the file; delete it before a start
   * @param address the address to write
   */
  ReadinessFile(Path file, ReadinessAddress address) {
    this.file = file;
    this.address = address;
  }

  @Override
  public void onApplicationEvent(WebServerInitializedEvent event) {
    String namespace =
        Objects.requireNonNullElse(event.getApplicationContext().getServerNamespace(), "");
    if (!namespace.equals(address.namespace())) {
      return;
    }
    try {
      Files.writeString(file, address.at(event.getWebServer().getPort()));
    } catch (IOException e) {
      throw new UncheckedIOException("registry.readiness.file cannot be written: " + file, e);
    }
  }
}
