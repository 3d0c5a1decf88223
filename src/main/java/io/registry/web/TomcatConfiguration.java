package io.registry.web;

import org.apache.catalina.core.StandardHost;
import org.apache.coyote.http11.AbstractHttp11Protocol;
import org.apache.tomcat.util.buf.EncodedSolidusHandling;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** What the protocol needs of the HTTP server and its defaults do not give. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(RegistryProperties.class)
class TomcatConfiguration {

  @Bean
  WebServerFactoryCustomizer<TomcatServletWebServerFactory> registryTomcat(
      RegistryProperties registry) {
    return factory -> {
      factory.addConnectorCustomizers(
          connector -> {
            // Repository names may hold an encoded slash (protocol 2.0).
            connector.setEncodedSolidusHandling(EncodedSolidusHandling.PASS_THROUGH.getValue());
            if (connector.getProtocolHandler() instanceof AbstractHttp11Protocol<?> http) {
              // A request that is refused from its headers is never told to go on.
              http.setContinueResponseTiming("onRead");
              http.setDisableUploadTimeout(false);
              http.setConnectionUploadTimeout((int) registry.limits().uploadIdle().toMillis());
            }
          });
      factory.addContextCustomizers(
          context -> {
            if (context.getParent() instanceof StandardHost host) {
              host.setErrorReportValveClass(JsonErrorReportValve.class.getName());
            }
          });
    };
  }
}
