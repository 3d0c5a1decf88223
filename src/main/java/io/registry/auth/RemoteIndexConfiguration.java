package io.registry.auth;

import io.micrometer.core.instrument.MeterRegistry;
import io.registry.json.JsonCodec;
import java.net.http.HttpClient;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import javax.net.ssl.SSLParameters;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.ssl.SslBundle;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** With an index elsewhere: how it is reached. */
@Configuration(proxyBeanMethods = false)
@ConditionalOnProperty(prefix = "registry.index", name = "mode", havingValue = "remote")
@EnableConfigurationProperties(RemoteIndexProperties.class)
class RemoteIndexConfiguration {

  @Bean(defaultCandidate = false)
  RemoteIndexVerifier remoteIndexVerifier(
      RemoteIndexProperties settings,
      SslBundles bundles,
      JsonCodec codec,
      Clock clock,
      MeterRegistry registry) {
    IndexClient client =
        new IndexClient(connection(settings, bundles), settings.answerSize().toBytes());
    return new RemoteIndexVerifier(
        settings.endpoint(),
        new GuardedIndex(client, settings, clock, new IndexMeters(registry)),
        codec);
  }

  private static Supplier<HttpClient> connection(
      RemoteIndexProperties settings, SslBundles bundles) {
    Duration timeout = settings.connectTimeout();
    if (settings.sslBundle().isEmpty()) {
      HttpClient http = builder(timeout).build();
      return () -> http;
    }
    AtomicReference<HttpClient> http =
        new AtomicReference<>(secured(timeout, bundles.getBundle(settings.sslBundle())));
    bundles.addBundleUpdateHandler(
        settings.sslBundle(), renewed -> http.set(secured(timeout, renewed)));
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
