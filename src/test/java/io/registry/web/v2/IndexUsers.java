package io.registry.web.v2;

import com.sun.net.httpserver.HttpExchange;
import io.registry.testkit.FakeIndex;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Lets an index know users by name and password, as it does for clients of V1. */
final class IndexUsers {
  private static final Pattern IMAGES = Pattern.compile("/v1/repositories/([^/]+/[^/]+)/images");
  private static final Pattern PUSH = Pattern.compile("/v1/repositories/([^/]+/[^/]+)/");

  private final Set<String> users = Set.of("reader", "stranger", "writer");
  private final Map<String, Set<String>> readers = new ConcurrentHashMap<>();
  private final Map<String, Set<String>> writers = new ConcurrentHashMap<>();

  /** Of an index that has the users reader, stranger and writer. */
  IndexUsers(FakeIndex index) {
    FakeIndex.Behaviour tokens = index.usual();
    index.always(
        exchange -> {
          List<String> shown = exchange.getRequestHeaders().get("Authorization");
          String header = shown == null ? "" : shown.get(0);
          String path = exchange.getRequestURI().getRawPath();
          Matcher images = IMAGES.matcher(path);
          Matcher push = PUSH.matcher(path);
          if (path.equals("/v1/users/")) {
            boolean known = users.stream().anyMatch(user -> isOf(user, header));
            FakeIndex.body(known ? 200 : 401, "\"OK\"").answer(exchange);
          } else if (exchange.getRequestMethod().equals("PUT") && push.matches()) {
            answer(index, exchange, push.group(1), header, "write", "\"\"");
          } else if (images.matches() && !header.startsWith("Token")) {
            answer(index, exchange, images.group(1), header, "read", "[]");
          } else {
            tokens.answer(exchange);
          }
        });
  }

  private void answer(
      FakeIndex index,
      HttpExchange exchange,
      String repository,
      String header,
      String access,
      String body)
      throws IOException {
    boolean may =
        (access.equals("read") ? readers : writers)
            .getOrDefault(repository, Set.of()).stream().anyMatch(user -> isOf(user, header));
    if (may) {
      String token = index.issue(repository, access).replaceFirst("Token ", "");
      FakeIndex.body(200, body, "X-Docker-Token", token).answer(exchange);
    } else {
      FakeIndex.status(header.isEmpty() ? 401 : 404).answer(exchange);
    }
  }

  private static boolean isOf(String user, String header) {
    String shown = user.isEmpty() ? "" : V2Stage.basic(user, V2Stage.PASSWORD)[1];
    return header.equals(shown);
  }

  /** Lets a user read a repository; the empty name is for everybody. */
  void allow(String user, String repository) {
    readers.computeIfAbsent(repository, key -> ConcurrentHashMap.newKeySet()).add(user);
  }

  /** Lets a user push to a repository, and so read it. */
  void allowPush(String user, String repository) {
    allow(user, repository);
    writers.computeIfAbsent(repository, key -> ConcurrentHashMap.newKeySet()).add(user);
  }
}
