package io.registry.client;

import io.registry.trace.Traces;
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
  private final Traces traces;

  /**
   * Ways with certificates of these bundles.
   *
   * @param bundles the bundles
   * @param traces is told what is asked, and what to send along
   */
  public Connections(SslBundles bundles, Traces traces) {
    this.bundles = bundles;
    this.traces = traces;
  }

  /**
   * A way.
   *
   * @param bundle the SSL bundle, whose certificates may be renewed; empty for what the JVM trusts
   * @param timeout how long it may take to reach somebody
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
