package io.registry;

import io.registry.access.auth.IndexProperties;
import io.registry.content.distribution.ForeignTree;
import io.registry.content.distribution.ServedTree;
import io.registry.operations.health.RegistryInfo;
import io.registry.operations.health.StorageHealth;
import io.registry.platform.database.Database;
import io.registry.storage.BlobStorage;
import io.registry.storage.StorageException;
import java.net.InetAddress;
import java.util.Optional;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.web.server.Ssl;
import org.springframework.boot.web.server.autoconfigure.ServerProperties;
import org.springframework.context.ApplicationContext;

/** Logs what has started: the release, the store, the index mode and the address. */
final class StartReport {
  private static final Logger log = LoggerFactory.getLogger(StartReport.class);

  /** A check names them all. */
  private static final int MERGED = 10;

  private StartReport() {}

  /** Scripts wait for the last line; the server accepts requests by then. */
  static void log(ApplicationContext started) {
    RegistryInfo info = started.getBean(RegistryInfo.class);
    log.info("Version {}, commit {}, on Java {}", info.version(), info.commit(), Runtime.version());
    log.info("Store: {}", started.getBean(BlobStorage.class).describe());
    started.getBean(ServedTree.class).find().ifPresent(StartReport::log);
    // It logs why the store does not work, and what to do about it.
    started.getBean(StorageHealth.class).health();
    started
        .getBeanProvider(Database.class)
        .ifAvailable(database -> log.info("Database: {}", database.describe()));
    log.info("Mode {}: {}", info.index(), decides(started.getBean(IndexProperties.class)));
    ServerProperties server = started.getBean(ServerProperties.class);
    log.info(
        "Listening on {}://{}:{}",
        Ssl.isEnabled(server.getSsl()) ? "https" : "http",
        Optional.ofNullable(server.getAddress()).map(InetAddress::getHostAddress).orElse("0.0.0.0"),
        started.getEnvironment().getProperty("local.server.port"));
  }

  private static void log(ForeignTree tree) {
    log.info("Serving {}, too; it is never changed", tree.describe());
    try (Stream<String> merged = tree.merged()) {
      merged.limit(MERGED).forEach(log::info);
    } catch (StorageException e) {
      log.warn("The tree cannot be read: {}", e.getMessage());
    }
  }

  private static String decides(IndexProperties index) {
    return switch (index.mode()) {
      case STANDALONE -> "every client may pull, push and remove";
      case REMOTE -> "an index elsewhere decides who may do what";
      case EMBEDDED -> "the accounts of this registry decide who may do what";
    };
  }
}
