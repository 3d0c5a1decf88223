package io.registry.web.tomcat;

import io.registry.web.http.Protocols;
import org.apache.catalina.core.StandardHost;
import org.springframework.boot.tomcat.TomcatWebServer;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.boot.web.server.context.WebServerInitializedEvent;
import org.springframework.context.ApplicationListener;
import org.springframework.stereotype.Component;

/** Makes Tomcat's own error answers JSON on a separate port for operators, too. */
@Component
class OperatorPortErrors implements ApplicationListener<WebServerInitializedEvent> {
  private static final String OPERATORS = "management";

  private final Protocols protocols;

  OperatorPortErrors(Protocols protocols) {
    this.protocols = protocols;
  }

  @Override
  public void onApplicationEvent(WebServerInitializedEvent event) {
    if (WebServerApplicationContext.hasServerNamespace(event.getApplicationContext(), OPERATORS)
        && event.getWebServer() instanceof TomcatWebServer server
        && server.getTomcat().getHost() instanceof StandardHost host) {
      host.getPipeline().addValve(new JsonErrorReportValve(protocols));
    }
  }
}
