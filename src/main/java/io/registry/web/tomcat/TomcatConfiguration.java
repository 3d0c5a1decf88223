package io.registry.web.tomcat;

import io.registry.operations.control.Reload;
import io.registry.web.http.CurrentLimits;
import io.registry.web.http.Protocols;
import org.apache.catalina.core.StandardHost;
import org.apache.tomcat.util.buf.EncodedSolidusHandling;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Lazy;
import org.springframework.core.env.Environment;

/** Configures Tomcat where the V1 protocol needs other settings than the defaults. */
@Configuration(proxyBeanMethods = false)
class TomcatConfiguration {

  @Bean
  WebServerFactoryCustomizer<TomcatServletWebServerFactory> registryTomcat(
      CurrentLimits limits, Connectors connectors, Protocols protocols) {
    return factory -> {
      factory.setProtocol(RegistryProtocol.class.getName());
      factory.addConnectorCustomizers(
          connector -> {
            // Repository names may contain an encoded slash (protocol 2.0).
            connector.setEncodedSolidusHandling(EncodedSolidusHandling.PASS_THROUGH.getValue());
            // No answer depends on a language, and Tomcat fails on a list of more than 10. The
            // size of the header is bounded.
            connector.setMaxLocaleCount(Integer.MAX_VALUE);
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
  @ConditionalOnProperty(name = "server.shutdown", havingValue = "graceful", matchIfMissing = true)
  TransferDrain transferDrain(Connectors connectors) {
    return new TransferDrain(connectors);
  }

  @Bean
  @Lazy
  Reload certificateReload(Connectors connectors, Environment environment) {
    return new CertificateReload(connectors, environment);
  }
}
