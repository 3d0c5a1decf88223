package io.registry.web.tomcat;

import io.registry.operations.control.Reload;
import io.registry.operations.control.Settings;
import io.registry.operations.control.ShownCertificates;
import java.util.Optional;
import org.apache.commons.logging.LogFactory;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.ssl.SslBundle;
import org.springframework.boot.tomcat.SslConnectorCustomizer;
import org.springframework.boot.web.server.Ssl;
import org.springframework.boot.web.server.WebServerSslBundle;
import org.springframework.core.env.Environment;
import org.springframework.util.StringUtils;

/**
 * Reloads the server's own certificate when {@code server.ssl} names its files and no bundle.
 * Existing connections keep the old certificate.
 */
final class CertificateReload implements Reload {
  private static final String PREFIX = "server.ssl";

  private final Connectors connectors;
  private Optional<SslBundle> shown;

  CertificateReload(Connectors connectors, Environment started) {
    this.connectors = connectors;
    this.shown = read(Binder.get(started).bindOrCreate(PREFIX, Ssl.class));
  }

  @Override
  public boolean covers(String property) {
    return property.startsWith(PREFIX + ".certificate")
        || property.startsWith(PREFIX + ".key-store");
  }

  @Override
  public Optional<Change> prepare(Settings settings) {
    Ssl next = settings.bind(PREFIX, Ssl.class);
    Optional<SslBundle> read = read(next);
    if (shown.isEmpty() || read.isEmpty() || ShownCertificates.areSame(shown.get(), read.get())) {
      return Optional.empty();
    }
    SslBundle bundle = read.get();
    bundle.createSslContext();
    return Optional.of(
        () -> {
          connectors
              .all()
              .forEach(
                  connector ->
                      new SslConnectorCustomizer(
                              LogFactory.getLog(CertificateReload.class),
                              connector,
                              next.getClientAuth())
                          .update(null, bundle));
          shown = read;
          return "the certificate of the server";
        });
  }

  private static Optional<SslBundle> read(Ssl ssl) {
    boolean own =
        StringUtils.hasText(ssl.getCertificate()) || StringUtils.hasText(ssl.getKeyStore());
    return Ssl.isEnabled(ssl) && own && !StringUtils.hasText(ssl.getBundle())
        ? Optional.of(WebServerSslBundle.get(ssl))
        : Optional.empty();
  }
}
