package io.registry.deployment;

import static org.assertj.core.api.Assertions.assertThat;

import io.registry.storage.BlobStorage;
import io.registry.testkit.RedisServer;
import io.registry.testkit.RegistryServer;
import io.registry.testkit.S3Server;
import io.registry.testkit.TestClient;
import io.registry.testkit.TestDatabase;
import io.registry.testkit.TestImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The registry starts with each of the samples in examples/config, and does what it says. */
@Tag("external")
@Tag("slow")
class ExampleConfigurationsTest {
  private static final Path SAMPLES = Path.of("examples/config");

  @TempDir Path directory;

  @Test
  void eachSampleHasATestHere() throws IOException {
    try (Stream<Path> samples = Files.list(SAMPLES)) {
      assertThat(samples.map(sample -> sample.getFileName().toString()))
          .containsExactlyInAnyOrder(
              "local.yml", "s3-redis.yml", "accounts.yml", "archive.yml", "mirror.yml");
    }
  }

  @Test
  void aDirectoryOfThisMachine() {
    try (RegistryServer server = start("local.yml", local())) {
      TestImage image = TestImage.base("pushed", "a layer").push(server.client());

      assertThat(server.client().get(image.path("layer")).status()).isEqualTo(200);
      assertThat(server.client().get("/v1/search?q=any").status()).isEqualTo(200);
    }
  }

  @Test
  void aBucketAndRedis() throws Exception {
    try (S3Server s3 = S3Server.start();
        RedisServer redis = RedisServer.start();
        RegistryServer server =
            start(
                "s3-redis.yml",
                "--S3_BUCKET=" + s3.createBucket(),
                "--S3_ENDPOINT=" + s3.endpoint(),
                "--S3_PATH_STYLE=true",
                "--S3_ACCESS_KEY=" + S3Server.ACCESS_KEY,
                "--S3_SECRET_KEY=" + S3Server.SECRET_KEY,
                "--REDIS_HOST=" + redis.host(),
                "--REDIS_PORT=" + redis.port())) {
      TestImage image = TestImage.base("pushed", "a layer").push(server.client());

      assertThat(server.bean(BlobStorage.class).describe()).startsWith("s3 ");
      assertThat(server.client().get(image.path("layer")).status()).isEqualTo(302);
      assertThat(server.client().get("/actuator/health").text()).contains("\"redis\"");
    }
  }

  @Test
  void accounts() {
    try (RegistryServer server =
        start(
            "accounts.yml",
            local(),
            "--REGISTRY_ADMIN_PASSWORD=correct horse",
            "--spring.datasource.url=" + TestDatabase.h2(directory.resolve("index/registry")))) {
      assertThat(server.client().put("/v1/repositories/a/b/", "[]").status()).isEqualTo(401);
      assertThat(server.client().get("/api/users").status()).isEqualTo(401);
    }
  }

  @Test
  void anArchive() {
    TestImage image;
    try (RegistryServer before = RegistryServer.start(directory)) {
      image = TestImage.base("old", "a layer").push(before.client());
    }
    try (RegistryServer server = start("archive.yml", "--STORAGE_PATH=" + directory)) {
      TestClient client = server.client();
      assertThat(client.get(image.path("layer")).status()).isEqualTo(200);
      assertThat(client.put("/v1/repositories/a/b/", "[]").status()).isEqualTo(405);
    }
  }

  @Test
  void aMirror() throws IOException {
    try (RegistryServer source =
        RegistryServer.start(Files.createDirectory(directory.resolve("source")))) {
      TestImage image = TestImage.base("there", "a layer").push(source.client());
      try (RegistryServer mirror =
          start("mirror.yml", local(), "--MIRROR_SOURCE=http://127.0.0.1:" + source.port())) {
        assertThat(mirror.client().get(image.path("layer")).status()).isEqualTo(200);
      }
    }
  }

  private String local() {
    return "--registry.storage.local.path=" + directory.resolve("store");
  }

  private RegistryServer start(String sample, String... more) {
    List<String> arguments = new ArrayList<>(List.of(more));
    arguments.add("--spring.config.additional-location=" + SAMPLES.resolve(sample).toUri());
    if (sample.equals("local.yml")) {
      arguments.add("--spring.datasource.url=" + TestDatabase.h2(directory.resolve("search")));
    }
    return RegistryServer.startWith(arguments.toArray(String[]::new));
  }
}
