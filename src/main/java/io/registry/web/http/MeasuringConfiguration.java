package io.registry.web.http;

import io.micrometer.core.instrument.MeterRegistry;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.servlet.mvc.method.RequestMappingInfoHandlerMapping;

/** Configures the metrics of client requests, without requests to a separate port for operators. */
@Configuration(proxyBeanMethods = false)
class MeasuringConfiguration {

  @Bean
  WebServerFactoryCustomizer<TomcatServletWebServerFactory> measuredRequests(
      ObjectProvider<MeterRegistry> registry,
      ObjectProvider<RequestMappingInfoHandlerMapping> mappings,
      Protocols protocols) {
    return factory ->
        factory.addEngineValves(
            new MeasuringValve(
                new RequestMeters(registry.getObject(), protocols.blobRoutes()),
                new Routes(mappings::stream)));
  }
}
