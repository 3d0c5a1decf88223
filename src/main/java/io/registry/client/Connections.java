package io.registry.client;

import java.net.http.HttpClient;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import javax.net.ssl.SSLParameters;
import org.springframework.boot.ssl.SslBundle;
import org.springframework.boot.ssl.SslBundles;

/** Ways to others over HTTP/1.1, which are never sent on to somebody else. */
public final class Connections {
  private final SslBundles bundles;

  /** Ways with certificates of these bundles. */
  public Connections(SslBundles bundles) {
    this.bundles = bundles;
  }

  /**
   * A way.
   *
   * @param bundle the SSL bundle, whose certificates may be renewed; empty for what the JVM trusts
   * @param timeout how long it may take to reach somebody
   */
  public Supplier<HttpClient> open(String bundle, Duration timeout) {
    if (bundle.isEmpty()) {
      HttpClient http = builder(timeout).build();
      return () -> http;
    }
    AtomicReference<HttpClient> http =
        new AtomicReference<>(secured(timeout, bundles.getBundle(bundle)));
    bundles.addBundleUpdateHandler(bundle, renewed -> http.set(secured(timeout, renewed)));
    return http::get;
  }

  private static HttpClient.Builder builder(Duration timeout) {
    return HttpClient.newBuilder()
        .version(HttpClient.Version.HTTP_1_1)
        .followRedirects(HttpClient.Redirect.NEVER)
        .connectTimeout(timeout);
  }

  private static HttpClient secured(Duration timeout, SslBundle bundle) {
    SSLParameters parameters = new SSLParameters();
    parameters.setCipherSuites(bundle.getOptions().getCiphers());
    parameters.setProtocols(bundle.getOptions().getEnabledProtocols());
    return builder(timeout).sslContext(bundle.createSslContext()).sslParameters(parameters).build();
  }
}
