package io.registry.features.events;

import io.registry.platform.client.Connections;
import io.registry.platform.json.JsonCodec;
import java.time.Clock;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Conditional;
import org.springframework.context.annotation.Configuration;

/** Configures the veto hook. */
@Configuration(proxyBeanMethods = false)
@Conditional(OnVeto.class)
@EnableConfigurationProperties(VetoProperties.class)
class VetoConfiguration {
  private static final int ANSWER = 16 * 1024;

  @Bean
  SignedPost vetoPost(VetoProperties settings, Connections connections, Clock clock) {
    return new SignedPost(
        connections.open(settings.sslBundle(), settings.connectTimeout()),
        settings.target(),
        ANSWER,
        clock);
  }

  @Bean
  VetoRules vetoRules(
      SignedPost vetoPost,
      VetoProperties settings,
      EventOrigins origins,
      JsonCodec codec,
      EventMeters meters,
      Clock clock) {
    VetoHook hook = new VetoHook(vetoPost, new VetoAnswer(codec), settings, meters, clock);
    return new VetoRules(hook, settings, origins, codec);
  }
}
