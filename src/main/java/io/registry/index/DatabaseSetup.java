package io.registry.index;

import com.zaxxer.hikari.HikariDataSource;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.springframework.beans.factory.config.BeanPostProcessor;

/** What a database needs before it is opened, and what no setting that all drivers know says. */
final class DatabaseSetup implements BeanPostProcessor {
  private static final String POSTGRESQL = "jdbc:postgresql:";
  private static final Pattern H2_FILE = Pattern.compile("jdbc:h2:(?:file:)?([./~][^;]*).*");

  /** In seconds. What the URL says wins. A server that is silent for so long is gone. */
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
        Optional.ofNullable(Path.of(file.group(1)).toAbsolutePath().normalize().getParent())
            .ifPresent(DatabaseSetup::makeFolder);
      }
    }
    return bean;
  }

  // The file holds the keys that sign tokens: whoever reads it may do everything.
  private static void makeFolder(Path folder) {
    boolean posix = FileSystems.getDefault().supportedFileAttributeViews().contains("posix");
    FileAttribute<?>[] ownerOnly =
        posix
            ? new FileAttribute<?>[] {
              PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"))
            }
            : new FileAttribute<?>[0];
    try {
      Path unused = Files.createDirectories(folder, ownerOnly);
    } catch (IOException e) {
      throw new UncheckedIOException("No folder for the accounts: " + folder, e);
    }
  }
}
