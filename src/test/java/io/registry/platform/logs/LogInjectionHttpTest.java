package io.registry.platform.logs;

import static org.assertj.core.api.Assertions.assertThat;

import io.registry.testkit.RandomCases;
import io.registry.testkit.RawConnection;
import io.registry.testkit.RegistryServer;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** Nothing that a client sends begins a line of the log, of the audit or of the access log. */
@ExtendWith(OutputCaptureExtension.class)
class LogInjectionHttpTest {
  private static final String PASSWORD = "battery staple";
  private static final String FORGED = "2026-01-01T00:00:00.000Z forged";

  /** Each of them begins a line somewhere, or rules the terminal. */
  private static final List<String> BREAKS =
      List.of("\n", "\r", "\r\n", "\u000b", "\f", "\u001b[2J", "\u0085", "\u2028", "\u2029");

  private static final AtomicInteger NAMES = new AtomicInteger();

  @TempDir static Path folder;

  private static RegistryServer server;

  @BeforeAll
  static void start() {
    server =
        RegistryServer.start(
            folder.resolve("store"),
            "--registry.index.mode=embedded",
            "--registry.index.registration=true",
            "--registry.index.admin.password=" + PASSWORD,
            "--registry.search.enabled=true",
            "--registry.auth.limits.failures-per-address=0",
            "--registry.auth.limits.requests-per-address=0",
            "--registry.auth.audit.repeat-after=0",
            "--registry.access-log.format=combined",
            "--registry.access-log.file=" + folder.resolve("access.log"),
            "--spring.datasource.url=jdbc:h2:mem:logs;MODE=PostgreSQL;DB_CLOSE_DELAY=-1");
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @Test
  void noPlaceOfARequestBeginsALine(CapturedOutput output) throws IOException {
    RandomCases.check(
        400,
        random -> {
          String text = BREAKS.get(random.nextInt(BREAKS.size())) + FORGED;
          String answer = RawConnection.exchange(server.port(), request(random, text));
          assertThat(answer).startsWith("HTTP/1.1 ").doesNotStartWith("HTTP/1.1 5");
        });

    List<String> told = output.getAll().lines().toList();
    List<String> accessed = Files.readAllLines(folder.resolve("access.log"));
    System.out.printf(
        "400 requests with a line break: %d forged lines of %d in log and audit,"
            + " %d of %d in the access log%n",
        forged(told), told.size(), forged(accessed), accessed.size());
    // Some of what was sent is told, or the test would show nothing.
    assertThat(told).filteredOn(line -> line.contains("forged")).hasSizeGreaterThan(50);
    assertThat(accessed).filteredOn(line -> line.contains("forged")).hasSizeGreaterThan(50);
    assertThat(Stream.concat(told.stream(), accessed.stream()))
        .noneMatch(line -> line.startsWith(FORGED))
        .allMatch(line -> !line.contains("forged") || LogText.printable(line).equals(line));
  }

  /** Libraries log exceptions with what clients sent, too. */
  @Test
  void noExceptionBeginsALine(CapturedOutput output) {
    IllegalStateException failure =
        new IllegalStateException("a\n" + FORGED, new IOException("b\n" + FORGED));
    failure.addSuppressed(new IOException("c\n" + FORGED));
    LoggerFactory.getLogger("any").warn("failed for {}", "x\n" + FORGED, failure);

    assertThat(output.getAll().lines().filter(line -> line.contains("forged")))
        .hasSize(4)
        .noneMatch(line -> line.startsWith(FORGED));
    assertThat(output.getAll()).contains("\tat ");
  }

  private static long forged(List<String> lines) {
    return lines.stream().filter(line -> line.startsWith(FORGED)).count();
  }

  private static String request(RandomGenerator random, String text) {
    String name = URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    // In a header, bytes that are no line break to HTTP.
    String header = text.replaceAll("[\r\n]", "\t");
    return switch (random.nextInt(16)) {
      case 0 -> head("DELETE", "/v1/repositories/admin/app/tags/" + name, admin());
      case 1 -> head("GET", "/v1/repositories/admin/app/tags/" + name, admin());
      case 2 -> put("/v1/repositories/admin/app/tags/" + name, "\"x\"");
      case 3 -> head("GET", "/v1/repositories/" + name + "/app/tags", admin());
      case 4 -> head("GET", "/v1/repositories/admin/" + name + "/images", Map.of());
      case 5 -> head("GET", "/v1/images/" + name + "/json", admin());
      case 6 -> head("GET", "/v1/search?q=" + name, admin());
      case 7 -> head("GET", "/v2/admin/app/manifests/" + name, admin());
      case 8 -> head("GET", "/v2/token?service=x&scope=repository:" + name + ":pull", Map.of());
      case 9 -> head("GET", "/" + name, Map.of());
      case 10 -> head("GET", "/v1/users/", basic(text, "wrong"));
      case 11 -> post("/v1/users/", account("u" + NAMES.incrementAndGet() + text));
      case 12 -> put("/api/users/" + name + "/password", "{\"password\": \"long enough\"}");
      case 13 -> head("DELETE", "/api/namespaces/" + name, admin());
      case 14 -> put("/v1/images/" + "a".repeat(64) + "/json", "{\"id\": \"" + json(text) + "\"}");
      default ->
          head(
              "GET",
              "/v1/users/",
              Map.of(
                  List.of(
                          "User-Agent",
                          "Referer",
                          "X-Request-Id",
                          "Accept",
                          "Authorization",
                          "Range")
                      .get(random.nextInt(6)),
                  header));
    };
  }

  private static String account(String name) {
    return "{\"username\": \"%s\", \"password\": \"correct horse\", \"email\": \"a@b.c\"}"
        .formatted(json(name));
  }

  private static String json(String text) {
    StringBuilder json = new StringBuilder();
    text.chars().forEach(c -> json.append(c < 'a' ? "\\u%04x".formatted(c) : (char) c + ""));
    return json.toString();
  }

  private static Map<String, String> admin() {
    return basic("admin", PASSWORD);
  }

  private static Map<String, String> basic(String name, String password) {
    byte[] text = (name + ":" + password).getBytes(StandardCharsets.UTF_8);
    return Map.of("Authorization", "Basic " + Base64.getEncoder().encodeToString(text));
  }

  private static String put(String path, String body) {
    return withBody("PUT", path, body, admin());
  }

  private static String post(String path, String body) {
    return withBody("POST", path, body, Map.of());
  }

  private static String withBody(
      String method, String path, String body, Map<String, String> headers) {
    String head = head(method, path, headers);
    return head.substring(0, head.length() - 2)
        + "Content-Type: application/json\r\nContent-Length: "
        + body.getBytes(StandardCharsets.UTF_8).length
        + "\r\n\r\n"
        + body;
  }

  private static String head(String method, String path, Map<String, String> headers) {
    StringBuilder head = new StringBuilder(method + " " + path + " HTTP/1.1\r\n");
    head.append("Host: 127.0.0.1:" + server.port() + "\r\nConnection: close\r\n");
    headers.forEach((name, value) -> head.append(name + ": " + value + "\r\n"));
    return head + "\r\n";
  }
}
