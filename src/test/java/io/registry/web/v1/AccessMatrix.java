package io.registry.web.v1;

import io.registry.testkit.TestClient;
import io.registry.testkit.TestImage;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Sends every request as everybody, and writes down the statuses as a table. */
final class AccessMatrix {
  private static final String TAG = "v1";

  /** What there is before each request, and is there again after it. */
  interface Stage {
    /** A finished image of the repository, which the tag {@code v1} names. */
    TestImage finished();

    /** An image that is listed and of which nothing was sent. */
    TestImage listed();

    /** An image of which the JSON was sent. */
    TestImage begun();

    /** An image of which JSON and layer were sent. */
    TestImage sent();

    /** Brings all into order after a request that changed something. */
    void restore();
  }

  /** What somebody shows: headers, as names and values in turn, for a request with others. */
  @FunctionalInterface
  interface Credentials {
    String[] headers(String method, String path, String... others);
  }

  /** One kind of request. */
  private record Route(String method, String name, String path, String body, List<String> headers) {
    boolean changes() {
      return !method.equals("GET") && !method.equals("HEAD") && !method.equals("OPTIONS");
    }
  }

  private final TestClient client;
  private final String repository;
  private final Stage stage;

  AccessMatrix(TestClient client, String repository, Stage stage) {
    this.client = client;
    this.repository = repository;
    this.stage = stage;
  }

  /** The statuses by request, in the order of the callers. */
  Map<String, List<Integer>> statuses(Map<String, Credentials> callers) {
    Map<String, List<Integer>> rows = new LinkedHashMap<>();
    for (int row = 0; row < routes().size(); row++) {
      List<Integer> statuses = new ArrayList<>();
      for (Credentials caller : callers.values()) {
        Route route = routes().get(row);
        int status = status(route, caller);
        statuses.add(status);
        if (route.changes() && status < 300) {
          stage.restore();
        }
      }
      Route route = routes().get(row);
      rows.put("`%s %s`".formatted(route.method(), route.name()), statuses);
    }
    return rows;
  }

  private int status(Route route, Credentials caller) {
    List<String> headers = new ArrayList<>(route.headers());
    headers.addAll(
        List.of(
            caller.headers(route.method(), route.path(), route.headers().toArray(String[]::new))));
    return client
        .send(
            route.method(),
            route.path(),
            route.body().isEmpty()
                ? BodyPublishers.noBody()
                : BodyPublishers.ofString(route.body()),
            headers.toArray(String[]::new))
        .status();
  }

  private List<Route> routes() {
    List<Route> routes = new ArrayList<>();
    TestImage image = stage.finished();
    String list = "[{\"id\": \"%s\"}]".formatted(image.id());
    String id = "\"%s\"".formatted(image.id());
    String none = "";
    addImage(routes, "GET", image, "json", "before R is opened", none);
    addRepository(routes, "GET", "/images", none);
    addRepository(routes, "HEAD", "/images", none);
    addRepository(routes, "GET", "/tags", none);
    addRepository(routes, "HEAD", "/tags", none);
    addRepository(routes, "GET", "/tags/" + TAG, none);
    addRepository(routes, "GET", "/tags/" + TAG + "/json", none);
    addRepository(routes, "GET", "/json", none);
    addRepository(routes, "GET", "/properties", none);
    addRepository(routes, "GET", "/layer/" + image.id() + "/access", none);
    addRepository(routes, "PUT", "/", list);
    addRepository(routes, "PUT", "/images", "[]");
    addRepository(routes, "PUT", "/auth", none);
    addRepository(routes, "PUT", "/tags/" + TAG, id);
    addRepository(routes, "PUT", "/properties", "{\"access\": \"public\"}");
    addRepository(routes, "DELETE", "/tags/" + TAG, none);
    addRepository(routes, "DELETE", "/images", none);
    addRepository(routes, "DELETE", "/tags", none);
    addRepository(routes, "DELETE", "/", none);
    addRepository(routes, "OPTIONS", "/tags", none);
    for (String part : List.of("json", "layer", "ancestry", "files", "diff")) {
      addImage(routes, "GET", image, part, "finished", none);
      addImage(routes, "HEAD", image, part, "finished", none);
    }
    addImage(routes, "PUT", image, "json", "finished", text(image.json()));
    addImage(routes, "PUT", stage.listed(), "json", "listed", text(stage.listed().json()));
    addImage(routes, "PUT", stage.begun(), "layer", "begun", text(stage.begun().layer()));
    addImage(
        routes,
        "PUT",
        stage.sent(),
        "checksum",
        "sent",
        none,
        "X-Docker-Checksum-Payload",
        stage.sent().checksum());
    return routes;
  }

  private void addRepository(List<Route> routes, String method, String part, String body) {
    String name = part.replaceAll("[a-f0-9]{64}", "ID").replace("/" + TAG, "/TAG");
    routes.add(
        new Route(method, "R" + name, "/v1/repositories/" + repository + part, body, List.of()));
  }

  private static void addImage(
      List<Route> routes,
      String method,
      TestImage image,
      String part,
      String state,
      String body,
      String... headers) {
    String name = "images/ID/" + part + " (" + state + ")";
    routes.add(new Route(method, name, image.path(part), body, List.of(headers)));
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }

  /** The table as the documentation has it. */
  static String table(List<String> callers, Map<String, List<Integer>> rows) {
    StringBuilder table = new StringBuilder();
    table.append("| Request | ").append(String.join(" | ", callers)).append(" |\n|---|");
    table.append("---|".repeat(callers.size())).append('\n');
    rows.forEach(
        (route, statuses) ->
            table
                .append("| ")
                .append(route)
                .append(" | ")
                .append(String.join(" | ", statuses.stream().map(String::valueOf).toList()))
                .append(" |\n"));
    return table.toString();
  }
}
