package io.registry.operations.control;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.springframework.boot.autoconfigure.ssl.PropertiesSslBundle;
import org.springframework.boot.autoconfigure.ssl.SslProperties;
import org.springframework.boot.ssl.DefaultSslBundleRegistry;
import org.springframework.boot.ssl.SslBundle;

/**
 * Reloads the certificates and keys of {@code spring.ssl.bundle}, even if only the content of their
 * files has changed. Users of a bundle, such as the server, are notified.
 */
final class BundleReload implements Reload {
  private static final String PREFIX = "spring.ssl";

  private final DefaultSslBundleRegistry bundles;

  BundleReload(DefaultSslBundleRegistry bundles) {
    this.bundles = bundles;
  }

  @Override
  public boolean covers(String property) {
    return property.startsWith(PREFIX + ".bundle.");
  }

  @Override
  public Optional<Change> prepare(Settings settings) {
    Map<String, SslBundle> changed = read(settings.bind(PREFIX, SslProperties.class).getBundle());
    List<String> known = bundles.getBundleNames();
    changed
        .entrySet()
        .removeIf(
            bundle ->
                known.contains(bundle.getKey())
                    && ShownCertificates.areSame(
                        bundles.getBundle(bundle.getKey()), bundle.getValue()));
    if (changed.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        () -> {
          changed.forEach(
              (name, bundle) -> {
                if (known.contains(name)) {
                  bundles.updateBundle(name, bundle);
                } else {
                  bundles.registerBundle(name, bundle);
                }
              });
          return "certificates of " + new ArrayList<>(changed.keySet());
        });
  }

  private static Map<String, SslBundle> read(SslProperties.Bundles settings) {
    Map<String, SslBundle> read = new TreeMap<>();
    settings.getPem().forEach((name, each) -> read.put(name, PropertiesSslBundle.get(each)));
    settings.getJks().forEach((name, each) -> read.put(name, PropertiesSslBundle.get(each)));
    read.forEach(BundleReload::requireUsable);
    return read;
  }

  private static void requireUsable(String name, SslBundle bundle) {
    try {
      bundle.createSslContext();
    } catch (RuntimeException e) {
      throw new IllegalArgumentException("spring.ssl.bundle " + name + " cannot be used", e);
    }
  }
}
