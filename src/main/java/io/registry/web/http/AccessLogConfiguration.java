package io.registry.web.http;

import io.registry.web.http.AccessLogProperties.Format;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Configures request ids and the access log. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(AccessLogProperties.class)
class AccessLogConfiguration {

  @Bean
  AccessLog accessLog(AccessLogProperties settings) {
    return new AccessLog(settings.format(), settings.file());
  }

  @Bean
  WebServerFactoryCustomizer<TomcatServletWebServerFactory> requestLog(
      AccessLogProperties settings, AccessLog log) {
    return factory -> {
      factory.addEngineValves(new ClientAddressValve(), new RequestIdValve());
      if (settings.format() != Format.NONE) {
        factory.addEngineValves(log.valve());
      }
    };
  }
}
