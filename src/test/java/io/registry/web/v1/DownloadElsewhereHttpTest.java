package io.registry.web.v1;

import static org.assertj.core.api.Assertions.assertThat;

import io.registry.testkit.FaultProxy;
import io.registry.testkit.RegistryServer;
import io.registry.testkit.S3Server;
import io.registry.testkit.TestClient;
import io.registry.testkit.TestClient.Answer;
import io.registry.testkit.TestImage;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Layers that clients get without the registry, and what it still sees to itself. */
@Tag("slow")
class DownloadElsewhereHttpTest {
  private static final byte[] LAYER = random(100_000);

  @Test
  void aLinkToTheBucketLeadsToTheBytes() throws Exception {
    onBucket(
        (client, requests) -> {
          TestImage image = TestImage.of("image", "", LAYER).push(client);

          Answer answer = client.get(image.path("layer"));

          assertThat(answer.status()).isEqualTo(302);
          assertThat(answer.bytes()).isEmpty();
          assertThat(answer.header("Cache-Control")).isEqualTo("no-cache");
          URI link = URI.create(answer.header("Location"));
          assertThat(link.getQuery()).contains("X-Amz-Expires=90", "X-Amz-Signature=");
          assertThat(link.toString()).doesNotContain(S3Server.SECRET_KEY);
          TestClient store = new TestClient(link.getPort());
          String path = link.getRawPath() + "?" + link.getRawQuery();
          assertThat(store.get(path).bytes()).isEqualTo(LAYER);
          assertThat(store.get(path, "Range", "bytes=99000-100000").bytes())
              .isEqualTo(Arrays.copyOfRange(LAYER, 99_000, 100_000));
          assertThat(store.get(path.replace("Expires=90", "Expires=91")).status()).isEqualTo(403);
        });
  }

  @Test
  void aLinkIsGivenAfterTheSameChecksAsTheBytes() throws Exception {
    onBucket(
        (client, requests) -> {
          TestImage image = TestImage.of("image", "", LAYER).push(client);
          TestImage unfinished = TestImage.child("unfinished", image, "a layer");
          assertThat(unfinished.putJson(client).status()).isEqualTo(200);
          assertThat(unfinished.putLayer(client).status()).isEqualTo(200);

          assertRefused(client.get(unfinished.path("layer")), 400);
          assertRefused(client.get(TestImage.of("absent", "", LAYER).path("layer")), 404);
          assertRefused(client.get("/v1/images/nonsense/layer"), 404);
          Answer past = client.get(image.path("layer"), "Range", "bytes=100000-100000");
          assertRefused(past, 416);
          assertThat(past.header("Content-Length")).isEqualTo("0");
          String etag = client.head(image.path("layer")).header("ETag");
          assertRefused(client.get(image.path("layer"), "If-None-Match", etag), 304);
        });
  }

  @Test
  void aHeadIsAnsweredHereBecauseALinkIsForOneMethod() throws Exception {
    onBucket(
        (client, requests) -> {
          TestImage image = TestImage.of("image", "", LAYER).push(client);

          Answer answer = client.head(image.path("layer"));

          assertThat(answer.status()).isEqualTo(200);
          assertThat(answer.header("Content-Length")).isEqualTo("100000");
          assertThat(answer.header("Accept-Ranges")).isEqualTo("bytes");
        });
  }

  @Test
  void aLinkIsSignedWithoutAskingTheStore() throws Exception {
    onBucket(
        (client, requests) -> {
          TestImage image = TestImage.of("image", "", LAYER).push(client);
          assertThat(client.get(image.path("layer")).status()).isEqualTo(302);
          requests.heal();

          assertThat(client.get(image.path("layer")).status()).isEqualTo(302);

          assertThat(requests.requests()).hasSize(1);
          assertThat(requests.requests().get(0)).startsWith("HEAD ");
        });
  }

  @Test
  void aLinkThroughCloudfrontIsSignedForThatObjectAndTime(@TempDir Path folder) throws Exception {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
    generator.initialize(2048);
    KeyPair keys = generator.generateKeyPair();
    Path pem = Files.writeString(folder.resolve("key.pem"), pem(keys));
    for (String key : List.of(pem.toString(), pem(keys))) {
      onBucket(
          (client, requests) -> {
            TestImage image = TestImage.of("image", "", LAYER).push(client);
            Instant before = Instant.now();

            String link = client.get(image.path("layer")).header("Location");

            String url = "https://d1.example.net/registry/images/" + image.id() + "/layer";
            assertThat(link).startsWith(url + "?Expires=");
            Map<String, String> query =
                Arrays.stream(URI.create(link).getRawQuery().split("&"))
                    .collect(
                        Collectors.toMap(
                            pair -> pair.substring(0, pair.indexOf('=')),
                            pair -> pair.substring(pair.indexOf('=') + 1)));
            assertThat(query).containsEntry("Key-Pair-Id", "APKAEXAMPLE");
            long expires = Long.parseLong(query.getOrDefault("Expires", ""));
            assertThat(expires - 90)
                .isBetween(before.getEpochSecond(), Instant.now().getEpochSecond());
            assertThat(
                    isSigned(
                        keys,
                        ("{\"Statement\":[{\"Resource\":\"%s\",\"Condition\":{\"DateLessThan\":"
                                + "{\"AWS:EpochTime\":%d}}}]}")
                            .formatted(url, expires),
                        query.getOrDefault("Signature", "")))
                .isTrue();
          },
          "--registry.storage.s3.cloudfront.base=https://d1.example.net/",
          "--registry.storage.s3.cloudfront.key-id=APKAEXAMPLE",
          "--registry.storage.s3.cloudfront.private-key=" + key);
    }
  }

  @Test
  void aWebServerInFrontOfALocalStoreIsToldWhatToSend(@TempDir Path store) {
    try (RegistryServer server =
        RegistryServer.start(store, "--registry.storage.local.accel-redirect=/_layers/")) {
      TestClient client = server.client();
      TestImage image = TestImage.of("image", "", LAYER).push(client);
      TestImage unfinished = TestImage.child("unfinished", image, "a layer");
      assertThat(unfinished.putJson(client).status()).isEqualTo(200);
      assertThat(unfinished.putLayer(client).status()).isEqualTo(200);

      Answer answer = client.get(image.path("layer"));

      assertThat(answer.status()).isEqualTo(200);
      assertThat(answer.bytes()).isEmpty();
      assertThat(answer.header("X-Accel-Redirect"))
          .isEqualTo("/_layers/images/" + image.id() + "/layer");
      assertThat(answer.header("Content-Type")).isEqualTo("application/octet-stream");
      assertThat(answer.header("Cache-Control")).isEqualTo("public, max-age=31536000");
      assertThat(client.get(unfinished.path("layer")).status()).isEqualTo(400);
      assertThat(client.get(unfinished.path("layer")).header("X-Accel-Redirect")).isEmpty();
      assertThat(client.head(image.path("layer")).header("Content-Length")).isEqualTo("100000");
    }
  }

  private interface OnBucket {
    void run(TestClient client, FaultProxy requests) throws Exception;
  }

  private static void onBucket(OnBucket test, String... arguments) throws Exception {
    try (S3Server s3 = S3Server.start();
        FaultProxy proxy = new FaultProxy(s3.port())) {
      List<String> all =
          new ArrayList<>(
              List.of(
                  "--spring.profiles.active=s3",
                  "--registry.storage.redirect=true",
                  "--registry.storage.redirect-lifetime=90s",
                  "--registry.storage.s3.bucket=" + s3.createBucket(),
                  "--registry.storage.s3.prefix=/registry",
                  "--registry.storage.s3.endpoint=" + proxy.endpoint(),
                  "--registry.storage.s3.path-style=true",
                  "--registry.storage.s3.access-key=" + S3Server.ACCESS_KEY,
                  "--registry.storage.s3.secret-key=" + S3Server.SECRET_KEY));
      all.addAll(List.of(arguments));
      try (RegistryServer server = RegistryServer.startWith(all.toArray(String[]::new))) {
        test.run(server.client(), proxy);
      }
    }
  }

  private static void assertRefused(Answer answer, int status) {
    assertThat(answer.status()).isEqualTo(status);
    assertThat(answer.header("Location")).isEmpty();
  }

  private static String pem(KeyPair keys) {
    return "-----BEGIN PRIVATE KEY-----\n"
        + Base64.getMimeEncoder().encodeToString(keys.getPrivate().getEncoded())
        + "\n-----END PRIVATE KEY-----\n";
  }

  private static boolean isSigned(KeyPair keys, String policy, String signature) throws Exception {
    Signature check = Signature.getInstance("SHA1withRSA");
    check.initVerify(keys.getPublic());
    check.update(policy.getBytes(StandardCharsets.UTF_8));
    return check.verify(
        Base64.getDecoder()
            .decode(signature.replace('-', '+').replace('_', '=').replace('~', '/')));
  }

  private static byte[] random(int size) {
    byte[] bytes = new byte[size];
    new Random(size).nextBytes(bytes);
    return bytes;
  }
}
