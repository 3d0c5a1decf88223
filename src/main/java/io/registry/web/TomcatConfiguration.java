package io.registry.web;

import io.micrometer.core.instrument.MeterRegistry;
import io.registry.control.Reload;
import java.util.OptionalInt;
import org.apache.catalina.core.StandardHost;
import org.apache.tomcat.util.buf.EncodedSolidusHandling;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.thread.Threading;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Lazy;
import org.springframework.core.env.Environment;

/** Configures Tomcat where the V1 protocol needs other settings than the defaults. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties({RegistryProperties.class, LimitProperties.class})
class TomcatConfiguration {

  /** The default of Tomcat. */
  private static final int THREADS = 200;

  @Bean
  WebServerFactoryCustomizer<TomcatServletWebServerFactory> registryTomcat(
      CurrentLimits limits, Connectors connectors, Protocols protocols) {
    return factory -> {
      factory.setProtocol(RegistryProtocol.class.getName());
      factory.addConnectorCustomizers(
          connector -> {
            // Repository names may contain an encoded slash (protocol 2.0).
            connector.setEncodedSolidusHandling(EncodedSolidusHandling.PASS_THROUGH.getValue());
            connectors.add(connector);
            if (connector.getProtocolHandler() instanceof RegistryProtocol http) {
              // A request that is refused by its headers does not get a 100 Continue.
              http.setContinueResponseTiming("onRead");
              http.setDisableUploadTimeout(false);
              http.setLimits(limits);
            }
          });
      factory.addContextCustomizers(
          context -> {
            if (context.getParent() instanceof StandardHost host) {
              // Tomcat looks for one of that class before it makes one.
              host.setErrorReportValveClass(JsonErrorReportValve.class.getName());
              host.getPipeline().addValve(new JsonErrorReportValve(protocols));
            }
          });
    };
  }

  @Bean
  Connectors connectors() {
    return new Connectors();
  }

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
  @ConditionalOnProperty(name = "server.shutdown", havingValue = "graceful", matchIfMissing = true)
  TransferDrain transferDrain(Connectors connectors) {
    return new TransferDrain(connectors);
  }

  @Bean
  @Lazy
  Reload limitsReload(CurrentLimits limits, ConcurrencyLimits concurrency) {
    return new LimitsReload(limits, concurrency);
  }

  @Bean
  @Lazy
  Reload certificateReload(Connectors connectors, Environment environment) {
    return new CertificateReload(connectors, environment);
  }
}
