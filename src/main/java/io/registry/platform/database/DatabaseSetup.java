package io.registry.platform.database;

import com.zaxxer.hikari.HikariDataSource;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.config.BeanPostProcessor;

/**
 * Adjusts the data source before the database is opened: timeouts that have no common setting for
 * all drivers, and permissions and durability of the file.
 */
public final class DatabaseSetup implements BeanPostProcessor {
  private static final Logger log = LoggerFactory.getLogger(DatabaseSetup.class);

  private static final String H2_SUFFIX = ".mv.db";
  private static final String POSTGRESQL = "jdbc:postgresql:";
  private static final Pattern H2_FILE = Pattern.compile("jdbc:h2:(?:file:)?([./~][^;]*)(.*)");

  /**
   * In seconds; values in the URL take precedence. A server that sends nothing for that long is
   * considered dead.
   */
  private static final Map<String, String> TIMEOUTS =
      Map.of(
          "connectTimeout", "3",
          "loginTimeout", "3",
          "cancelSignalTimeout", "3",
          "socketTimeout", "6",
          "tcpKeepAlive", "true");

  @Override
  public Object postProcessAfterInitialization(Object bean, String beanName) {
    if (bean instanceof HikariDataSource source) {
      String url = Optional.ofNullable(source.getJdbcUrl()).orElse("");
      if (url.startsWith(POSTGRESQL)) {
        TIMEOUTS.forEach(
            (name, value) -> source.getDataSourceProperties().putIfAbsent(name, value));
      }
      Matcher file = H2_FILE.matcher(url);
      if (file.matches() && !file.group(1).startsWith("~")) {
        makeFile(Path.of(file.group(1) + H2_SUFFIX).toAbsolutePath().normalize());
        SyncedFiles.register();
        source.setJdbcUrl(SyncedFiles.url(file.group(1), file.group(2)));
      }
    }
    return bean;
  }

  // In the mode with accounts, the file contains the keys that sign tokens: reading it allows
  // everything. The folder may exist already and be readable by others, so the file is created
  // here, with its permissions, before H2 would create it.
  private static void makeFile(Path file) {
    try {
      Files.createDirectories(parent(file), ownerOnly("rwx------"));
      if (!Files.exists(file)) {
        Files.createFile(file, ownerOnly("rw-------"));
        flush(parent(file));
      }
    } catch (FileAlreadyExistsException e) {
      log.debug("Another process made {} at the same time", file);
    } catch (IOException e) {
      throw new UncheckedIOException("No file for the database: " + file, e);
    }
  }

  // The entry of a new file survives a power failure, like what is written to it.
  private static void flush(Path folder) throws IOException {
    try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  private static Path parent(Path file) {
    return Objects.requireNonNull(file.getParent());
  }

  private static FileAttribute<?>[] ownerOnly(String permissions) {
    boolean posix = FileSystems.getDefault().supportedFileAttributeViews().contains("posix");
    return posix
        ? new FileAttribute<?>[] {
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions))
        }
        : new FileAttribute<?>[0];
  }
}
