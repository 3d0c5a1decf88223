package io.registry.web.v1;

import static org.assertj.core.api.Assertions.assertThat;

import io.registry.testkit.RedisServer;
import io.registry.testkit.TestClient;
import io.registry.testkit.TestImage;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** Two registries with the profile redis, whose Redis goes and comes back. */
@Tag("external")
@ExtendWith(OutputCaptureExtension.class)
@Tag("slow")
class RedisOutageHttpTest {
  private static final String TAGS = "/v1/repositories/foo/bar/tags";

  @TempDir Path store;

  private final RedisServer redis = RedisServer.start();
  private final List<CachingRegistry> registries = new ArrayList<>();
  private final TestImage image = TestImage.base("image", "a layer");
  private final TestImage next = TestImage.child("next", image, "another layer");
  private CachingRegistry one;
  private CachingRegistry other;

  @BeforeEach
  void start() {
    one = startAnother();
    other = startAnother();
    image.push(one.client());
    next.push(one.client());
    one.move(TAGS, image);
    registries.forEach(each -> each.awaitMemory(TAGS));
    assertThat(one.client().get(next.path("json")).status()).isEqualTo(200);
  }

  private CachingRegistry startAnother() {
    CachingRegistry started = CachingRegistry.start(store, redis.arguments());
    registries.add(started);
    return started;
  }

  @AfterEach
  void stop() {
    registries.forEach(CachingRegistry::close);
    redis.close();
  }

  private void assertAllAnswer(TestImage expected) {
    for (CachingRegistry each : registries) {
      each.assertTagged(TAGS, expected);
      assertThat(each.client().get(next.path("json")).bytes()).isEqualTo(next.json());
      assertThat(each.client().get(next.path("ancestry")).text()).contains(image.id());
    }
  }

  private void assertHealth(String overall, String ofRedis) {
    TestClient.Answer health = one.client().get("/actuator/health");
    assertThat(health.status()).isEqualTo(200);
    assertThat(health.text())
        .contains("\"redis\":{\"status\":\"" + ofRedis + "\"}")
        .endsWith("\"status\":\"" + overall + "\"}");
    TestClient.Answer readiness = one.client().get("/actuator/health/readiness");
    assertThat(readiness.status()).isEqualTo(200);
    assertThat(readiness.text()).endsWith("\"status\":\"UP\"}");
  }

  private void assertSaidOnceByEach(CapturedOutput output) {
    assertThat(output.getAll().lines().filter(line -> line.contains(" WARN ")))
        .hasSize(registries.size())
        .allSatisfy(
            line -> assertThat(line).contains("Redis does not work and is not used until it does"));
    assertThat(output.getAll()).doesNotContain(" ERROR ");
  }

  @Test
  void aRedisThatStandsStillIsMissedByNobody(CapturedOutput output) {
    assertHealth("UP", "UP");
    redis.pause();
    for (int i = 0; i < 20; i++) {
      assertAllAnswer(image);
    }
    registries.forEach(CachingRegistry::awaitOutage);
    assertHealth("DEGRADED", "DEGRADED");
    TestClient.Answer status = one.client().get("/_status");
    assertThat(status.status()).isEqualTo(200);
    assertThat(status.text()).contains("\"redis\"").contains("timed out");
    one.move(TAGS, next);
    assertAllAnswer(next);

    redis.resume();
    registries.forEach(CachingRegistry::awaitRedis);
    assertHealth("UP", "UP");
    assertAllAnswer(next);
    registries.forEach(each -> each.awaitMemory(TAGS));
    assertAllAnswer(next);
    assertSaidOnceByEach(output);
  }

  @Test
  void aRedisThatWasKilledAndComesBackWithOldDataTellsNothingOld(CapturedOutput output) {
    redis.save();
    redis.kill();
    assertAllAnswer(image);
    one.move(TAGS, next);
    assertAllAnswer(next);
    registries.forEach(CachingRegistry::awaitOutage);
    assertHealth("DEGRADED", "DEGRADED");

    redis.startAgain();
    assertThat(redis.keys()).as("what it saved").isNotEmpty();
    assertAllAnswer(next);
    registries.forEach(CachingRegistry::awaitRedis);
    assertAllAnswer(next);
    registries.forEach(each -> each.awaitMemory(TAGS));
    assertAllAnswer(next);
    assertSaidOnceByEach(output);
  }

  @Test
  void aRedisThatMissesAChangeTellsNothingOld() {
    for (TestImage to : List.of(next, image, next)) {
      redis.pause();
      one.move(TAGS, to);
      redis.resume();
      other.assertTagged(TAGS, to);
      one.assertTagged(TAGS, to);
    }
  }

  @Test
  void aRegistryStartsWithoutItsRedisAndFindsItLater() {
    redis.kill();
    CachingRegistry early = startAnother();
    early.assertTagged(TAGS, image);
    early.move(TAGS, next);
    assertAllAnswer(next);
    assertThat(early.client().get("/actuator/health/readiness").status()).isEqualTo(200);

    redis.startAgain();
    early.awaitRedis();
    early.awaitMemory(TAGS);
    assertAllAnswer(next);
  }
}
