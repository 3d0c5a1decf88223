package io.registry.ops;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.springframework.boot.web.server.context.WebServerInitializedEvent;
import org.springframework.context.ApplicationListener;

/**
 * Tells {@link HealthProbe} where to ask, whatever port and address were set, and wherever: the
 * probe reads no settings, so that it stays small.
 */
final class ReadinessFile implements ApplicationListener<WebServerInitializedEvent> {
  private final Path file;
  private final ReadinessAddress address;

  /**
   * A file.
   *
   * @param file where it is written; whoever reads it has to remove it before a start
   * @param address what is written into it
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
