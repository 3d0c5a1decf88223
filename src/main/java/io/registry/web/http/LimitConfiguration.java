package io.registry.web.http;

import io.micrometer.core.instrument.MeterRegistry;
import io.registry.operations.control.Reload;
import java.util.OptionalInt;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.thread.Threading;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Lazy;
import org.springframework.core.env.Environment;

/** What bounds clients. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties({RegistryProperties.class, LimitProperties.class})
class LimitConfiguration {

  /** Tomcat's own default. */
  private static final int THREADS = 200;

  @Bean
  CurrentLimits currentLimits(LimitProperties settings) {
    return new CurrentLimits(settings);
  }

  @Bean
  MinimumRateStreams pacedStreams(CurrentLimits limits) {
    return new MinimumRateStreams(limits);
  }

  @Bean
  ConcurrencyLimits concurrencyLimits(
      CurrentLimits limits, Environment environment, MeterRegistry meters) {
    OptionalInt threads =
        Threading.VIRTUAL.isActive(environment)
            ? OptionalInt.empty()
            : OptionalInt.of(
                environment.getProperty("server.tomcat.threads.max", Integer.class, THREADS));
    return new ConcurrencyLimits(limits, new ThreadShares(threads), meters);
  }

  @Bean
  @Lazy
  Reload limitsReload(CurrentLimits limits, ConcurrencyLimits concurrency) {
    return new LimitsReload(limits, concurrency);
  }
}
