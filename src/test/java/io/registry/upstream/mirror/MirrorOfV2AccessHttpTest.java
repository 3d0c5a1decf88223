package io.registry.upstream.mirror;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.registry.access.index.Accounts;
import io.registry.access.index.NewAccount;
import io.registry.content.manifest.Digest;
import io.registry.testkit.DockerDaemon;
import io.registry.testkit.DockerFamily;
import io.registry.testkit.DockerImages;
import io.registry.testkit.FakeSource;
import io.registry.testkit.FaultProxy;
import io.registry.testkit.FaultProxy.Fault;
import io.registry.testkit.RegistryServer;
import io.registry.testkit.TestClient;
import io.registry.testkit.TestDatabase;
import io.registry.testkit.TestImage;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who is shown which credentials, when the source speaks V2. */
@Tag("slow")
class MirrorOfV2AccessHttpTest {
  private static final String PASSWORD = "battery staple";
  private static final String OWN = basic("mirror:secret");

  @TempDir Path directory;

  private static String basic(String text) {
    return "Basic " + Base64.getEncoder().encodeToString(text.getBytes(UTF_8));
  }

  private static String[] accounts(Path folder) {
    return new String[] {
      "--registry.index.mode=embedded",
      "--registry.index.admin.password=" + PASSWORD,
      "--spring.datasource.url=" + TestDatabase.h2(folder.resolve("db"))
    };
  }

  @Test
  void aSourceWithAccountsGivesTheMirrorATokenForItsPassword() throws Exception {
    Path folder = directory.resolve("source");
    try (RegistryServer source = RegistryServer.start(folder.resolve("s"), accounts(folder));
        FaultProxy proxy = new FaultProxy(source.port())) {
      SourceImageV2 image =
          SourceImageV2.of("private")
              .push(
                  source.client(), "admin/app", "v1", "Authorization", basic("admin:" + PASSWORD));
      proxy.plan(
          (number, request) -> request.contains(" /v1/") ? Fault.status(404, "") : Fault.none());
      try (RegistryServer known =
              MirrorServer.start(
                  directory.resolve("known"),
                  proxy.endpoint(),
                  "--registry.mirror.username=admin",
                  "--registry.mirror.password=" + PASSWORD);
          RegistryServer wrong =
              MirrorServer.start(
                  directory.resolve("wrong"),
                  proxy.endpoint(),
                  "--registry.mirror.username=admin",
                  "--registry.mirror.password=wrong");
          RegistryServer unknown =
              MirrorServer.start(directory.resolve("unknown"), proxy.endpoint())) {
        List<TestImage> pulled =
            new DockerDaemon(DockerFamily.DOCKER_1_5, known.port()).pull("admin/app", "v1");
        assertThat(DockerImages.ids(pulled)).isEqualTo(image.v1Ids());
        assertThat(known.client().get("/v2/admin/app/manifests/v1").bytes())
            .isEqualTo(image.manifest());
        assertThat(proxy.requests()).filteredOn(line -> line.contains("token")).hasSize(1);

        for (RegistryServer each : List.of(wrong, unknown)) {
          assertThat(
                  each.client()
                      .get(
                          "/v2/admin/app/manifests/v1", "Authorization", basic("admin:" + PASSWORD))
                      .status())
              .isEqualTo(404);
          assertThat(each.client().get("/v1/repositories/admin/app/tags").status()).isEqualTo(404);
        }
      }
    }
  }

  @Test
  void thePasswordGoesToTheSourceAndItsTokenServiceOnly() throws Exception {
    SourceImageV2 image = SourceImageV2.of("told");
    String path = "/v2/told/app/";
    try (FakeSource source = new FakeSource();
        FakeSource tokens = new FakeSource();
        FakeSource bucket = new FakeSource()) {
      String challenge = "Bearer realm=\"%s/token\",service=\"here\"".formatted(tokens.endpoint());
      guard(source, path + "manifests/v1", "Bearer abc", challenge, manifestOf(image));
      guard(
          source,
          path + "blobs/" + Digest.of(image.top()),
          "Bearer abc",
          challenge,
          FakeSource.redirect(bucket.endpoint().resolve("/signed?x=1")));
      bucket.on("/signed?x=1", FakeSource.body(200, image.top()));
      tokens.on(
          "/token?service=here&scope=repository%3Atold%2Fapp%3Apull",
          FakeSource.body(200, "{\"token\": \"abc\"}".getBytes(UTF_8)));
      try (RegistryServer mirror = mirror(source)) {
        assertThat(mirror.client().get(path + "manifests/v1").bytes()).isEqualTo(image.manifest());
        assertThat(
                mirror
                    .client()
                    .get(
                        path + "blobs/" + Digest.of(image.top()),
                        "Authorization",
                        basic("client:own"),
                        "Cookie",
                        "session=client")
                    .bytes())
            .isEqualTo(image.top());
      }
      assertThat(tokens.requests()).extracting(each -> each.header("Authorization")).contains(OWN);
      assertThat(source.requests())
          .filteredOn(each -> each.path().startsWith(path))
          .extracting(each -> each.header("Authorization"))
          .containsOnly("", "Bearer abc");
      assertThat(bucket.requests())
          .isNotEmpty()
          .allSatisfy(
              each -> assertThat(each.headers()).doesNotContainKeys("Authorization", "Cookie"));
    }
  }

  @Test
  void aSourceThatAsksForAPasswordGetsIt() throws Exception {
    SourceImageV2 image = SourceImageV2.of("basic");
    try (FakeSource source = new FakeSource()) {
      guard(source, "/v2/basic/app/manifests/v1", OWN, "Basic realm=\"x\"", manifestOf(image));
      try (RegistryServer mirror = mirror(source)) {
        assertThat(mirror.client().get("/v2/basic/app/manifests/v1").bytes())
            .isEqualTo(image.manifest());
      }
    }
  }

  @Test
  void aTokenThatHasExpiredIsRenewed() throws Exception {
    SourceImageV2 image = SourceImageV2.of("expired");
    String path = "/v2/expired/app/blobs/";
    try (FakeSource source = new FakeSource()) {
      String challenge = "Bearer realm=\"%s/token\"".formatted(source.endpoint());
      String token = "/token?service=&scope=repository%3Aexpired%2Fapp%3Apull";
      source.on(token, FakeSource.body(200, "{\"access_token\": \"one\"}".getBytes(UTF_8)));
      guard(
          source,
          path + Digest.of(image.base()),
          "Bearer one",
          challenge,
          FakeSource.body(200, image.base()));
      guard(
          source,
          path + Digest.of(image.top()),
          "Bearer two",
          challenge,
          FakeSource.body(200, image.top()));
      try (RegistryServer mirror = mirror(source)) {
        assertThat(mirror.client().get(path + Digest.of(image.base())).bytes())
            .isEqualTo(image.base());
        source.on(token, FakeSource.body(200, "{\"access_token\": \"two\"}".getBytes(UTF_8)));
        assertThat(mirror.client().get(path + Digest.of(image.top())).bytes())
            .isEqualTo(image.top());
      }
      assertThat(source.count("GET", token)).isEqualTo(2);
    }
  }

  private static FakeSource.Answer manifestOf(SourceImageV2 image) {
    return FakeSource.body(
        200,
        image.manifest(),
        "Content-Type",
        SourceImageV2.MANIFEST,
        "Docker-Content-Digest",
        image.digest().toString());
  }

  private static void guard(
      FakeSource source, String path, String wanted, String challenge, FakeSource.Answer answer) {
    source.on(
        path,
        exchange -> {
          boolean isShown = wanted.equals(exchange.getRequestHeaders().getFirst("Authorization"));
          (isShown ? answer : FakeSource.body(401, new byte[0], "WWW-Authenticate", challenge))
              .send(exchange);
        });
  }

  private RegistryServer mirror(FakeSource source) {
    return MirrorServer.start(
        directory.resolve("mirror"),
        source.endpoint(),
        "--registry.mirror.protocol=v2",
        "--registry.mirror.username=mirror",
        "--registry.mirror.password=secret");
  }

  @Test
  void withAccountsTheMirrorIsAskedByThoseWhoMayReadOnly() throws Exception {
    try (RegistryServer source = RegistryServer.start(directory.resolve("source"));
        FaultProxy proxy = new FaultProxy(source.port());
        RegistryServer mirror =
            MirrorServer.start(
                directory.resolve("mirror"),
                proxy.endpoint(),
                join(accounts(directory), "--registry.mirror.protocol=v2"))) {
      mirror.bean(Accounts.class).create(new NewAccount("alice", "correct horse", "", false));
      mirror.bean(Accounts.class).create(new NewAccount("mallory", "correct horse", "", false));
      SourceImageV2 image = SourceImageV2.of("accounts").push(source.client(), "alice/app", "v1");
      String manifest = "/v2/alice/app/manifests/v1";
      String blob = "/v2/alice/app/blobs/" + Digest.of(image.top());
      TestClient client = mirror.client();
      String mallory = basic("mallory:correct horse");
      String alice = basic("alice:correct horse");

      assertThat(client.get(manifest).status()).isEqualTo(401);
      assertThat(client.get(manifest, "Authorization", mallory).status()).isIn(401, 403, 404);
      assertThat(client.get(blob, "Authorization", mallory).status()).isIn(401, 403, 404);
      assertThat(proxy.requests()).isEmpty();
      assertThat(client.get(manifest, "Authorization", alice).bytes()).isEqualTo(image.manifest());
      assertThat(client.get(blob, "Authorization", alice).bytes()).isEqualTo(image.top());
      assertThat(client.get(manifest, "Authorization", mallory).status()).isIn(401, 403, 404);
      // Images are for admins, as with a source that speaks V1.
      String tags = "/v1/repositories/alice/app/tags";
      String json = "/v1/images/" + image.v1Ids().get(1) + "/json";
      assertThat(client.get(tags, "Authorization", alice).text()).contains(image.v1Ids().get(1));
      assertThat(client.get(json, "Authorization", alice).status()).isEqualTo(404);
      assertThat(client.get(json, "Authorization", basic("admin:" + PASSWORD)).status())
          .isEqualTo(200);
    }
  }

  private static String[] join(String[] some, String more) {
    return Stream.concat(Arrays.stream(some), List.of(more).stream()).toArray(String[]::new);
  }

  @Test
  void nothingIsPushedWherePushesAreRefusedAndEverythingPulled() throws Exception {
    try (RegistryServer source = RegistryServer.start(directory.resolve("source"));
        RegistryServer mirror =
            MirrorServer.start(
                directory.resolve("mirror"),
                URI.create("http://127.0.0.1:" + source.port()),
                "--registry.mirror.protocol=v2",
                "--registry.mirror.pushes=refuse")) {
      SourceImageV2 image = SourceImageV2.of("refused").push(source.client(), "a/b", "v1");

      assertThat(
              mirror
                  .client()
                  .put(
                      "/v2/a/b/manifests/v1",
                      image.manifest(),
                      "Content-Type",
                      SourceImageV2.MANIFEST)
                  .status())
          .isEqualTo(405);
      List<TestImage> pulled =
          new DockerDaemon(DockerFamily.DOCKER_1_5, mirror.port()).pull("a/b", "v1");
      assertThat(DockerImages.ids(pulled)).isEqualTo(image.v1Ids());
    }
  }

  @Test
  void aClientReadsWhileTheSourceStillSends() throws Exception {
    byte[] large = MirrorServer.image("stream", 300_000).layer();
    String path = "/v2/stream/app/blobs/" + Digest.of(large);
    CountDownLatch gate = new CountDownLatch(1);
    try (FakeSource source = new FakeSource()) {
      FakeSource.Answer whole = FakeSource.body(200, large);
      FakeSource.Answer halting = FakeSource.halting(large, 200_000, gate);
      source.on(
          path,
          exchange ->
              (exchange.getRequestMethod().equals("HEAD") ? whole : halting).send(exchange));
      try (RegistryServer mirror = mirror(source)) {
        HttpURLConnection connection =
            (HttpURLConnection)
                URI.create("http://127.0.0.1:" + mirror.port() + path).toURL().openConnection();
        try (InputStream in = connection.getInputStream()) {
          byte[] some = in.readNBytes(100_000);
          gate.countDown();
          byte[] rest = in.readAllBytes();
          assertThat(some.length + rest.length).isEqualTo(large.length);
        }
      }
    }
  }
}
