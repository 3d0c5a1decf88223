package io.registry.operations.control;

import io.registry.access.auth.PrivilegedKeyProperties;
import io.registry.access.auth.PrivilegedKeys;
import java.util.Optional;

/** Reloads the privileged keys, even if only the content of their files has changed. */
final class KeyReload implements Reload {
  private static final String FILES = "registry.auth.privileged-keys";

  private final PrivilegedKeys keys;

  KeyReload(PrivilegedKeys keys) {
    this.keys = keys;
  }

  @Override
  public boolean covers(String property) {
    return property.startsWith(FILES) || property.equals("registry.auth.require-signed-date");
  }

  @Override
  public Optional<Change> prepare(Settings settings) {
    PrivilegedKeyProperties next = settings.bind("registry.auth", PrivilegedKeyProperties.class);
    return keys.prepare(next)
        .map(
            change ->
                () -> {
                  change.run();
                  return "privileged keys: " + keys.names();
                });
  }
}
