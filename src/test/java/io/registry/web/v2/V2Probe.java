package io.registry.web.v2;

import static org.springframework.web.bind.annotation.RequestMethod.DELETE;
import static org.springframework.web.bind.annotation.RequestMethod.PUT;

import io.registry.access.auth.AuditActor;
import io.registry.access.auth.Caller;
import io.registry.content.repository.RepositoryName;
import io.registry.testkit.RegistryServer;
import io.registry.testkit.TestClient;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseBody;
import org.springframework.web.servlet.DispatcherServlet;
import org.springframework.web.servlet.mvc.method.RequestMappingInfo;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;

/**
 * Two requests that V2 does not have, {@code PUT} and {@code DELETE} of {@code R/tags/list}, with
 * which a test sees what is decided before a controller is called, and nothing else.
 */
final class V2Probe {
  private final V2Access access;
  private final TestClient client;
  private volatile CountDownLatch begun = new CountDownLatch(1);

  private V2Probe(V2Access access, TestClient client) {
    this.access = access;
    this.client = client;
  }

  /** Adds the requests to a running server. */
  static V2Probe at(RegistryServer server) {
    V2Probe probe = new V2Probe(server.bean(V2Access.class), server.client());
    RequestMappingHandlerMapping routes =
        Optional.ofNullable(server.bean(DispatcherServlet.class).getWebApplicationContext())
            .orElseThrow()
            .getBean("requestMappingHandlerMapping", RequestMappingHandlerMapping.class);
    routes.registerMapping(
        RequestMappingInfo.paths(path("{name}"))
            .methods(PUT, DELETE)
            .options(routes.getBuilderConfiguration())
            .build(),
        probe,
        Arrays.stream(V2Probe.class.getDeclaredMethods())
            .filter(method -> method.isAnnotationPresent(ResponseBody.class))
            .findFirst()
            .orElseThrow());
    return probe;
  }

  static String path(String repository) {
    return "/v2/" + repository + "/tags/list";
  }

  /** Who sends the request, and whether he may read another repository. */
  @ResponseBody
  String answer(
      @PathVariable String name,
      @RequestParam(defaultValue = "") String from,
      @AuthenticationPrincipal Caller caller,
      HttpServletRequest request)
      throws IOException {
    int first = request.getInputStream().read();
    begun.countDown();
    int more = request.getInputStream().readAllBytes().length;
    String who = AuditActor.of(caller, "").who();
    return from.isEmpty()
        ? "%s sends %d to %s".formatted(who, first < 0 ? 0 : 1 + more, name)
        : String.valueOf(access.mayRead(request, caller, RepositoryName.parse(from)));
  }

  /** Opens when the body of the next request is read. */
  CountDownLatch nextBody() {
    begun = new CountDownLatch(1);
    return begun;
  }

  /** The status of a request that pushes. */
  int push(String repository, String... credentials) {
    return client.put(path(repository), "body", credentials).status();
  }

  /** The status of a request that deletes. */
  int delete(String repository, String... credentials) {
    return client.delete(path(repository), credentials).status();
  }

  /** Whether a client that pushes to one repository may mount what is in another. */
  String mount(String repository, String from, String... credentials) {
    return client.put(path(repository) + "?from=" + from, "", credentials).text();
  }
}
