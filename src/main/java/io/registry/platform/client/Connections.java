package io.registry.platform.client;

import io.registry.platform.trace.Traces;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import javax.net.ssl.SSLParameters;
import org.springframework.boot.ssl.SslBundle;
import org.springframework.boot.ssl.SslBundles;

/** Creates HTTP/1.1 clients for requests to other servers. The clients do not follow redirects. */
public final class Connections {
  private final SslBundles bundles;
  private final Traces traces;

  /**
   * Creates the factory.
   *
   * @param bundles the SSL bundles
   * @param traces traces the requests
   */
  public Connections(SslBundles bundles, Traces traces) {
    this.bundles = bundles;
    this.traces = traces;
  }

  /**
   * Creates a client.
   *
   * @param bundle the name of the SSL bundle, whose certificates may be renewed; empty for the
   *     JVM's defaults
   * @param timeout the connect timeout
   * @return supplies the current client, which changes when the certificates do
   */
  public Supplier<HttpClient> open(String bundle, Duration timeout) {
    if (bundle.isEmpty()) {
      HttpClient http = traced(builder(timeout).build());
      return () -> http;
    }
    AtomicReference<HttpClient> http =
        new AtomicReference<>(traced(secured(timeout, bundles.getBundle(bundle))));
    bundles.addBundleUpdateHandler(bundle, renewed -> http.set(traced(secured(timeout, renewed))));
    return http::get;
  }

  private HttpClient traced(HttpClient http) {
    return traces.equals(Traces.NONE) ? http : new TracedHttpClient(http, traces);
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
