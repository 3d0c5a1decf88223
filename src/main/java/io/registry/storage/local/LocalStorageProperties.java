package io.registry.storage.local;

import java.nio.file.Path;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Settings of the local store.
 *
 * @param path directory of the store; the original's storage_path can be used unchanged
 * @param accelRedirect path at which an nginx in front serves the store as an internal location;
 *     when set, nginx is told to send the layers itself
 * @param followLinks whether symbolic links in the store may lead out of it, for operators who keep
 *     whole folders elsewhere
 */
@ConfigurationProperties("registry.storage.local")
public record LocalStorageProperties(
    @DefaultValue("./data") Path path,
    @DefaultValue("") String accelRedirect,
    @DefaultValue("false") boolean followLinks) {

  /**
   * Removes a trailing slash from the path.
   *
   * @throws IllegalArgumentException when it does not begin with a slash
   */
  public LocalStorageProperties {
    if (!accelRedirect.isEmpty() && !accelRedirect.matches("(/[^/?#]+)+/?")) {
      throw new IllegalArgumentException(
          "registry.storage.local.accel-redirect must be a path such as /_layers, not "
              + accelRedirect);
    }
    if (accelRedirect.endsWith("/")) {
      accelRedirect = accelRedirect.substring(0, accelRedirect.length() - 1);
    }
  }
}
