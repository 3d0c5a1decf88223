package io.registry.web.v1;

import static org.assertj.core.api.Assertions.assertThat;

import io.registry.RegistryApplication;
import io.registry.access.index.Accounts;
import io.registry.access.index.NewAccount;
import io.registry.testkit.RegistryServer;
import io.registry.testkit.TestClient;
import io.registry.testkit.TestClient.Answer;
import io.registry.testkit.Together;
import io.registry.web.api.ApiClient;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.context.annotation.Primary;
import org.springframework.security.crypto.factory.PasswordEncoderFactories;
import org.springframework.security.crypto.password.PasswordEncoder;

/** Clients at many addresses that guess passwords, or make accounts, as fast as they can. */
class SignInFloodHttpTest {
  private static final int ADDRESSES = 120;
  private static final String PASSWORD = "correct horse";

  /** With hashes that take as long as those of a registry in production. */
  @Import(RegistryApplication.class)
  static final class Hashing {
    @Bean
    @Primary
    static PasswordEncoder hashes() {
      return PasswordEncoderFactories.createDelegatingPasswordEncoder();
    }
  }

  @TempDir static Path folder;

  private static RegistryServer server;
  private static TestClient client;

  @BeforeAll
  static void start() {
    server =
        RegistryServer.start(
            Hashing.class,
            folder,
            "--registry.index.mode=embedded",
            "--registry.index.registration=true",
            "--registry.index.admin.password=battery staple",
            "--server.forward-headers-strategy=native",
            "--registry.allowed-hosts=*",
            "--spring.datasource.url=jdbc:h2:mem:flood;MODE=PostgreSQL;DB_CLOSE_DELAY=-1");
    client = server.client();
    server.bean(Accounts.class).create(new NewAccount("alice", PASSWORD, "", false));
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @Test
  void whoGuessesFromManyAddressesIsToldToWaitAndTheOthersGoOn() throws Exception {
    assertThat(login("alice", PASSWORD, "198.51.100.1").status()).isEqualTo(200);
    Queue<Answer> guesses = new ConcurrentLinkedQueue<>();
    Queue<Long> pings = new ConcurrentLinkedQueue<>();
    Queue<Integer> signedIn = new ConcurrentLinkedQueue<>();
    AtomicInteger left = new AtomicInteger(ADDRESSES);
    List<Together.Task> tasks = new ArrayList<>();
    for (int i = 0; i < ADDRESSES; i++) {
      String address = "203.0.113." + i;
      tasks.add(
          () -> {
            for (int guess = 0; guess < 1; guess++) {
              guesses.add(login("alice", "wrong horse" + guess, address));
            }
            left.decrementAndGet();
          });
    }
    tasks.add(
        () -> {
          while (left.get() > 0) {
            long begun = System.nanoTime();
            assertThat(client.get("/v1/_ping").status()).isEqualTo(200);
            pings.add((System.nanoTime() - begun) / 1_000_000);
            signedIn.add(login("alice", PASSWORD, "198.51.100.1").status());
          }
        });
    Together.run(tasks);

    System.out.printf(
        "flood of sign-ins: %s; _ping median %d ms, at most %d ms%n",
        guesses.stream().collect(Collectors.groupingBy(Answer::status, Collectors.counting())),
        pings.stream().sorted().skip(pings.size() / 2).findFirst().orElseThrow(),
        pings.stream().mapToLong(ping -> ping).max().orElseThrow());
    assertThat(signedIn).containsOnly(200);
    assertThat(guesses).extracting(Answer::status).contains(503).isSubsetOf(401, 503);
    assertThat(guesses)
        .filteredOn(answer -> answer.status() == 503)
        .allSatisfy(answer -> assertThat(answer.header("Retry-After")).isEqualTo("5"));
  }

  @Test
  void whoMakesAccountsFromManyAddressesIsToldToWait() {
    List<Answer> answers = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      answers.add(
          client.post(
              "/v1/users/",
              "{\"username\": \"made%d\", \"password\": \"%s\", \"email\": \"a@example.com\"}"
                  .formatted(i, "too short".substring(0, 5)),
              "X-Forwarded-For",
              "192.0.2." + i));
    }
    assertThat(answers).extracting(Answer::status).contains(400, 429).isSubsetOf(400, 429);
    assertThat(answers.get(39).header("Retry-After")).matches("[1-9]");
  }

  private static Answer login(String name, String password, String address) {
    return client.get(
        "/v1/users/", "Authorization", ApiClient.basic(name, password), "X-Forwarded-For", address);
  }
}
