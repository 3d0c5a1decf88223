package io.registry.web.v1;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import io.registry.access.index.Accounts;
import io.registry.access.index.Member;
import io.registry.access.index.Namespaces;
import io.registry.access.index.NewAccount;
import io.registry.access.index.Owner;
import io.registry.access.index.PartyKind;
import io.registry.access.index.Role;
import io.registry.testkit.Budget;
import io.registry.testkit.RegistryServer;
import io.registry.testkit.TestClient.Answer;
import io.registry.testkit.TestDatabase;
import io.registry.web.api.ApiClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.JdbcTemplate;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A hundred thousand repositories, of which users see some; says how long that took. */
@Tag("slow")
class ManyRepositoriesHttpTest {
  private static final Logger log = LoggerFactory.getLogger(ManyRepositoriesHttpTest.class);
  private static final int MANY = 100_000;
  private static final int NAMESPACES = 500;

  /** More of them tell how long it takes when all is warm: {@code -Dsearch.rounds=20}. */
  private static final int ROUNDS = Budget.times(1);

  private static final String PASSWORD = "correct horse";
  private static final List<String> WORDS =
      List.of("nginx", "Redis", "alpine", "worker", "batch", "data", "frontend", "mail", "proxy");

  @TempDir private static Path folder;

  private static RegistryServer server;

  /** A generated repository. */
  private record Made(String namespace, String name, String description, boolean isPrivate) {
    static Made of(int i) {
      String name = (word(i) + "-" + word(i / WORDS.size()) + "-" + i).toLowerCase(Locale.ROOT);
      String description = i % 3 == 0 ? "A " + word(i / 7) + " for " + word(i / 11) : "";
      return new Made("team" + i % NAMESPACES, name, description, i % 10 != 0);
    }

    private static String word(int i) {
      return WORDS.get(i % WORDS.size());
    }

    String full() {
      return namespace + "/" + name;
    }
  }

  private static final List<Made> ALL = IntStream.range(0, MANY).mapToObj(Made::of).toList();

  @BeforeAll
  static void start() throws IOException {
    // One that does not exist counts as private.
    for (Made made : ALL.stream().filter(each -> !each.isPrivate()).toList()) {
      Path repository =
          Files.createDirectories(
              folder.resolve("store/repositories/%s/%s".formatted(made.namespace(), made.name())));
      Files.writeString(repository.resolve("_index_images"), "[]");
    }
    String url = TestDatabase.h2(folder.resolve("database"));
    try (HikariDataSource database = TestDatabase.open(url)) {
      JdbcTemplate template = new JdbcTemplate(database);
      List<Object[]> rows =
          IntStream.range(0, MANY)
              .mapToObj(
                  i -> {
                    Made made = ALL.get(i);
                    return new Object[] {
                      made.namespace(),
                      made.name(),
                      made.isPrivate(),
                      made.description(),
                      true,
                      i + 1L,
                      0L
                    };
                  })
              .toList();
      for (int from = 0; from < MANY; from += 10_000) {
        template.batchUpdate(
            "insert into search_repository values (?, ?, ?, ?, ?, ?, ?)",
            rows.subList(from, from + 10_000),
            new int[0]);
      }
      // As if another process were scanning the store.
      template.update(
          "update search_state set revision = ?, holder = 'another', held_until = ?",
          MANY,
          Instant.now().plusSeconds(3600).atOffset(ZoneOffset.UTC));
    }
    server =
        RegistryServer.start(
            folder.resolve("store"),
            "--registry.index.mode=embedded",
            "--registry.index.default-visibility=public",
            "--registry.index.admin.password=" + PASSWORD,
            "--registry.auth.anonymous-read=true",
            "--registry.search.enabled=true",
            "--spring.datasource.url=" + url);
    server.bean(Accounts.class).create(new NewAccount("carol", PASSWORD, "", false));
    Namespaces namespaces = server.bean(Namespaces.class);
    for (String namespace : List.of("team7", "team8")) {
      namespaces.create(namespace, new Owner(PartyKind.ACCOUNT, "admin"));
      namespaces.setMember(namespace, new Member(PartyKind.ACCOUNT, "carol"), Role.READ);
    }
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a", "NGINX-redis", "team7/", "for redis", "zzzz"})
  void eachFindsAllThatFitsAndNothingElse(String term) {
    assertFound("admin", term, made -> true, ApiClient.basic("admin", PASSWORD));
    assertFound(
        "carol",
        term,
        made -> !made.isPrivate() || List.of("team7", "team8").contains(made.namespace()),
        ApiClient.basic("carol", PASSWORD));
    assertFound("nobody", term, made -> !made.isPrivate(), "Basic Og==");
  }

  private static void assertFound(
      String who, String term, Predicate<Made> seen, String authorization) {
    String wanted = term.toLowerCase(Locale.ROOT);
    List<String> byName = fitting(seen.and(made -> made.full().contains(wanted)));
    long all =
        fitting(
                seen.and(
                    made ->
                        made.full().contains(wanted)
                            || made.description().toLowerCase(Locale.ROOT).contains(wanted)))
            .size();

    JsonNode first = search(who, term, 1, authorization);
    JsonNode last = search(who, term, (int) Math.max(1, (all + 99) / 100), authorization);

    assertThat(first.path("num_results").longValue()).isEqualTo(all);
    List<String> names = names(first);
    assertThat(names).hasSize((int) Math.min(100, all));
    assertThat(names(last)).hasSize(all == 0 ? 0 : (int) ((all - 1) % 100 + 1));
    assertThat(byName).containsAll(names.subList(0, Math.min(names.size(), byName.size())));
  }

  private static List<String> fitting(Predicate<Made> which) {
    return ALL.stream().filter(which).map(Made::full).toList();
  }

  private static List<String> names(JsonNode answer) {
    return answer
        .path("results")
        .valueStream()
        .map(result -> result.path("name").stringValue())
        .toList();
  }

  private static JsonNode search(String who, String term, int page, String authorization) {
    List<String> took = new ArrayList<>();
    byte[] body = new byte[0];
    for (int round = 0; round < ROUNDS; round++) {
      long begin = System.nanoTime();
      Answer answer =
          server
              .client()
              .get(
                  "/v1/search?n=100&page=%d&q=%s".formatted(page, term.replace(" ", "+")),
                  "Authorization",
                  authorization);
      took.add("%.1f".formatted((System.nanoTime() - begin) / 1e6));
      assertThat(answer.status()).isEqualTo(200);
      body = answer.bytes();
    }
    log.info("\"{}\", page {}, {}: {} ms", term, page, who, took);
    return JsonMapper.shared().readTree(body);
  }
}
