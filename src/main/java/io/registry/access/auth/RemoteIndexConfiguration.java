package io.registry.access.auth;

import io.micrometer.core.instrument.MeterRegistry;
import io.registry.platform.client.Connections;
import io.registry.platform.client.ServerGuard;
import io.registry.platform.json.JsonCodec;
import java.time.Clock;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Configures the access to a remote index. */
@Configuration(proxyBeanMethods = false)
@ConditionalOnProperty(prefix = "registry.index", name = "mode", havingValue = "remote")
@EnableConfigurationProperties(RemoteIndexProperties.class)
class RemoteIndexConfiguration {

  @Bean(defaultCandidate = false)
  RemoteIndexVerifier remoteIndexVerifier(
      RemoteIndexProperties settings,
      Connections connections,
      JsonCodec codec,
      Clock clock,
      MeterRegistry registry) {
    IndexClient client =
        new IndexClient(
            connections.open(settings.sslBundle(), settings.connectTimeout()),
            settings.answerSize().toBytes());
    return new RemoteIndexVerifier(
        settings.endpoint(), guard(settings, clock, new IndexMeters(registry)), client, codec);
  }

  static ServerGuard guard(RemoteIndexProperties settings, Clock clock, IndexMeters meters) {
    ServerGuard guard =
        new ServerGuard(
            "index",
            new ServerGuard.Limits(
                settings.timeout(), settings.attempts(), settings.questions(), settings.rest()),
            clock,
            new ServerGuard.Outcomes("yes", "no"),
            meters::asked);
    meters.watch(guard::isSuspended);
    return guard;
  }

  @Bean
  SignIn indexSignIn(@Qualifier("remoteIndexVerifier") RemoteIndexVerifier index) {
    return new IndexSignIn(index);
  }
}
