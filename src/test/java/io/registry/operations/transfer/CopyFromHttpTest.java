package io.registry.operations.transfer;

import static org.assertj.core.api.Assertions.assertThat;

import io.registry.content.manifest.Digest;
import io.registry.operations.transfer.Transfers.Answer;
import io.registry.testkit.DistributionServer;
import io.registry.testkit.FaultProxy;
import io.registry.testkit.FaultProxy.Fault;
import io.registry.testkit.OriginalStore;
import io.registry.testkit.RegistryServer;
import io.registry.testkit.TestCertificates;
import io.registry.testkit.TestClient;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Copies from other registries into an empty store. */
@Tag("external")
@Tag("slow")
class CopyFromHttpTest {
  private static final String PASSWORD = "correct horse";
  private static final String OCI = "application/vnd.oci.image.manifest.v1+json";

  @TempDir Path directory;
  private OriginalStore store;
  private Path target;

  @BeforeEach
  void unpack() {
    store = OriginalStore.unpack(directory.resolve("store"));
    target = directory.resolve("target");
  }

  private int pullSilently(String from, String... arguments) {
    List<String> all = new ArrayList<>(List.of("--all", "--from", from));
    all.addAll(List.of(arguments));
    all.add("--registry.storage.local.path=" + target);
    return Transfers.run(new CopyCommand(Transfers.REGISTRY, Transfers.QUICK), all, System.err);
  }

  private Answer pull(String from, String... arguments) {
    return Transfers.run(
        new CopyCommand(Transfers.REGISTRY, Transfers.QUICK),
        target,
        Stream.concat(Stream.of("--from", from), Arrays.stream(arguments)).toArray(String[]::new));
  }

  private static String url(RegistryServer server) {
    return "http://127.0.0.1:" + server.port();
  }

  private Map<String, String> arrived() {
    try (RegistryServer server = RegistryServer.start(target)) {
      Transfers.requireWhole(server.client());
      return Transfers.served(server.client());
    }
  }

  private static List<String> blobs(FaultProxy proxy) {
    return proxy.requests().stream()
        .filter(request -> request.matches("GET /v2/.*/blobs/.*"))
        .toList();
  }

  @Test
  void everyImageIsHereUnderItsDigestWithAV1ViewAndASecondCopyReadsNoLayer() throws Exception {
    try (RegistryServer server = RegistryServer.start(store.root());
        FaultProxy proxy = new FaultProxy(server.port())) {
      Map<String, String> there = Transfers.served(server.client());

      Answer answer = pull(proxy.endpoint().toString(), "--all");
      List<String> read =
          blobs(proxy).stream().map(request -> request.replaceFirst(".*/", "")).toList();
      proxy.heal();
      Answer again = pull(proxy.endpoint().toString(), "--all");

      assertThat(answer.status()).as(answer.said()).isZero();
      assertThat(answer.results().values()).containsOnly("done");
      // Images that run at the same time share layers.
      assertThat(read).isNotEmpty().hasSameSizeAs(new HashSet<>(read));
      assertThat(again.results().values()).containsOnly("present");
      assertThat(again.count("bytes")).isZero();
      assertThat(blobs(proxy)).isEmpty();
      assertThat(arrived()).isEqualTo(there).hasSizeGreaterThan(8);
      JsonNode line =
          answer.lines().stream()
              .filter(each -> Transfers.text(each, "repository").equals("library/solo"))
              .findFirst()
              .orElseThrow();
      assertThat(Transfers.text(line, "target"))
          .isEqualTo("library/solo@" + there.get("solo:latest"));
      String image = Transfers.text(line, "image");
      try (RegistryServer own = RegistryServer.start(target)) {
        assertThat(own.client().get("/v1/repositories/library/solo/tags/latest").text())
            .isEqualTo("\"" + image + "\"");
        assertThat(own.client().get("/v1/images/" + image + "/json").status()).isEqualTo(200);
        assertThat(own.client().get("/v1/images/" + image + "/layer").bytes()).isNotEmpty();
      }
    }
  }

  @Test
  void namesLoseThePrefixAndPatternsSelect() {
    Path other = directory.resolve("other");
    try (RegistryServer server = RegistryServer.start(other)) {
      Answer sent =
          Transfers.run(
              new CopyCommand(Transfers.REGISTRY),
              store.root(),
              "--all",
              "--to",
              url(server) + "/old/v1");
      assertThat(sent.status()).as(sent.said()).isZero();

      Answer answer =
          pull(url(server) + "/old/v1", "fixtures/from-1-1?-6", "solo:late*", "gone", "solo:nope");
      Answer whole = pull(url(server) + "/old", "v1/solo");

      assertThat(answer.status()).isEqualTo(1);
      assertThat(answer.results())
          .isEqualTo(
              new TreeMap<>(
                  Map.of(
                      "fixtures/from-1-12-6:v1", "done",
                      "library/solo:latest", "done",
                      "gone", "missing",
                      "solo:nope", "missing")));
      assertThat(whole.results()).isEqualTo(Map.of("v1/solo:latest", "done"));
      assertThat(arrived())
          .containsOnlyKeys("fixtures/from-1-12-6:v1", "solo:latest", "v1/solo:latest");
    }
  }

  @Test
  void aDryRunReadsNoLayerAndWritesNothing() throws Exception {
    try (RegistryServer server = RegistryServer.start(store.root());
        FaultProxy proxy = new FaultProxy(server.port())) {

      Answer dry = pull(proxy.endpoint().toString(), "--all", "--dry-run");

      assertThat(dry.status()).as(dry.said()).isZero();
      assertThat(dry.results().values()).containsOnly("would");
      assertThat(blobs(proxy)).isEmpty();
      assertThat(Files.exists(target) ? Transfers.files(target).keySet() : List.of()).isEmpty();
    }
  }

  @Test
  void whatBreaksOffGoesOnWhereItWas() throws Exception {
    try (RegistryServer server = RegistryServer.start(store.root());
        FaultProxy proxy = new FaultProxy(server.port())) {
      Map<String, String> there = Transfers.served(server.client());
      Map<String, Integer> seen = new TreeMap<>();
      // Each kind of request fails in each way, one after the other.
      List<Fault> faults =
          List.of(
              Fault.resetAnswer(100),
              Fault.status(503, "later"),
              Fault.truncateAnswer(200),
              Fault.none(),
              Fault.loseAnswer());
      proxy.plan(
          (number, request) -> {
            synchronized (seen) {
              String kind = request.replaceAll("sha256:.*", "").replaceAll("fixtures/.*?/", "");
              int count = seen.merge(kind, 1, Integer::sum);
              return count <= 10 ? faults.get(count % faults.size()) : Fault.none();
            }
          });

      Answer answer = pull(proxy.endpoint().toString(), "--all", "--parallel=2");

      assertThat(answer.status()).as(answer.said()).isZero();
      assertThat(arrived()).isEqualTo(there);
      assertThat(proxy.heads())
          .anyMatch(head -> head.startsWith("GET") && head.matches("(?s).*Range: bytes=[1-9].*"));
    }
  }

  private static Fault answer(int status, String headers, byte[] body) {
    return Fault.answer(
        "HTTP/1.1 %d Answer\r\n%sContent-Length: %d\r\nConnection: close\r\n\r\n%s"
            .formatted(
                status, headers, body.length, new String(body, StandardCharsets.ISO_8859_1)));
  }

  private static Fault list(String headers, String json) {
    return answer(200, headers, json.getBytes(StandardCharsets.UTF_8));
  }

  /** A blob of the image {@code solo}, by its digest. */
  private Map.Entry<String, byte[]> layer() {
    try (RegistryServer server = RegistryServer.start(store.root())) {
      List<String> digests =
          Transfers.blobsOf(
              Transfers.parse(server.client().get("/v2/solo/manifests/latest").bytes()));
      String digest = digests.get(digests.size() - 1);
      return Map.entry(digest, server.client().get("/v2/solo/blobs/" + digest).bytes());
    }
  }

  @Test
  void aRegistryWithoutRangesIsReadFromTheBeginning() throws Exception {
    Map.Entry<String, byte[]> layer = layer();
    try (RegistryServer server = RegistryServer.start(store.root());
        FaultProxy proxy = new FaultProxy(server.port())) {
      AtomicInteger asked = new AtomicInteger();
      proxy.plan(
          (number, request) ->
              !request.equals("GET /v2/solo/blobs/" + layer.getKey())
                  ? Fault.none()
                  : asked.incrementAndGet() == 1
                      ? Fault.resetAnswer(50)
                      : answer(200, "", layer.getValue()));

      Answer pulled = pull(proxy.endpoint().toString(), "solo");

      assertThat(pulled.results())
          .as(pulled.said())
          .isEqualTo(Map.of("library/solo:latest", "done"));
      assertThat(asked).hasValue(2);
    }
  }

  @Test
  void aListInPagesIsReadToItsEndAndOneWithoutAnEndIsNot() throws Exception {
    try (RegistryServer server = RegistryServer.start(store.root());
        FaultProxy proxy = new FaultProxy(server.port())) {
      String next = "Link: </v2/_catalog?last=solo>; rel=\"next\"\r\n";
      Fault first = list(next, "{\"repositories\":[\"solo\"]}");
      proxy.plan(
          (number, request) ->
              request.equals("GET /v2/_catalog?n=1000")
                  ? first
                  : request.equals("GET /v2/_catalog?last=solo")
                      ? list("", "{\"repositories\":[\"fixtures/from-1-5-0\"]}")
                      : Fault.none());

      Answer paged = pull(proxy.endpoint().toString(), "--all");
      proxy.plan(
          (number, request) -> request.startsWith("GET /v2/_catalog") ? first : Fault.none());
      int endless = pullSilently(proxy.endpoint().toString());

      assertThat(paged.results())
          .isEqualTo(Map.of("library/solo:latest", "done", "fixtures/from-1-5-0:v1", "done"));
      assertThat(endless).isEqualTo(3);
    }
  }

  @Test
  void aManifestWithOtherBytesThanItsDigestSaysIsNotStored() throws Exception {
    try (RegistryServer server = RegistryServer.start(store.root());
        FaultProxy proxy = new FaultProxy(server.port())) {
      TestClient.Answer manifest = server.client().get("/v2/solo/manifests/latest");
      String headers =
          "Content-Type: %s\r\nDocker-Content-Digest: %s\r\n"
              .formatted(manifest.header("Content-Type"), manifest.header("Docker-Content-Digest"));
      proxy.plan(
          1000,
          request -> request.equals("GET /v2/solo/manifests/latest"),
          list(headers, manifest.text() + " "));

      Answer answer = pull(proxy.endpoint().toString(), "solo");

      assertThat(answer.results()).isEqualTo(Map.of("library/solo:latest", "failed"));
      assertThat(answer.textOf("library/solo:latest")).contains("another digest");
      assertThat(arrived()).isEmpty();
    }
  }

  @Test
  void debiansDistributionGivesEverything() throws Exception {
    try (DistributionServer server = DistributionServer.start(directory.resolve("other"))) {
      String url = "http://127.0.0.1:" + server.port();
      Answer sent =
          Transfers.run(
              new CopyCommand(Transfers.REGISTRY), store.root(), "--all", "--to", url + "/a");
      assertThat(sent.status()).as(sent.said()).isZero();
      Map<String, String> there = new TreeMap<>();
      Transfers.served(server.client())
          .forEach((name, digest) -> there.put(name.substring(2), digest));

      Answer answer = pull(url + "/a", "--all");
      Answer again = pull(url + "/a", "--all");

      assertThat(answer.status()).as(answer.said()).isZero();
      assertThat(again.results().values()).containsOnly("present");
      assertThat(arrived()).isEqualTo(there);
    }
  }

  @Test
  void aRegistryWithAccountsIsShownWhatDockerLoginWrote() throws Exception {
    Map.Entry<String, byte[]> layer = layer();
    try (RegistryServer server =
            RegistryServer.start(
                directory.resolve("other"),
                "--registry.index.mode=embedded",
                "--registry.index.admin.password=" + PASSWORD,
                "--spring.datasource.url=jdbc:h2:mem:copyfrom;MODE=PostgreSQL;DB_CLOSE_DELAY=-1");
        FaultProxy proxy = new FaultProxy(server.port());
        FaultProxy bucket = new FaultProxy(server.port())) {
      String login = "--credentials=" + Transfers.login(directory, server.port(), PASSWORD);
      String wrong = "--credentials=" + Transfers.login(directory, server.port(), "wrong horse");
      Answer sent =
          Transfers.run(
              new CopyCommand(Transfers.REGISTRY),
              store.root(),
              "solo",
              "--to",
              url(server) + "/admin",
              login);
      assertThat(sent.status()).as(sent.said()).isZero();

      // Where a registry keeps its blobs is told no password.
      bucket.plan((number, request) -> answer(200, "", layer.getValue()));
      proxy.plan(
          1000,
          request -> request.equals("GET /v2/admin/solo/blobs/" + layer.getKey()),
          answer(307, "Location: " + bucket.endpoint() + "/key\r\n", new byte[0]));
      String proxied =
          "--credentials=" + Transfers.login(directory, proxy.endpoint().getPort(), PASSWORD);
      Answer named = pull(proxy.endpoint() + "/admin", "solo", proxied);
      Answer all = pull(url(server), "--all", login);
      int refused = pullSilently(url(server) + "/admin", wrong);

      assertThat(named.results()).isEqualTo(Map.of("library/solo:latest", "done"));
      assertThat(all.results()).isEqualTo(Map.of("admin/solo:latest", "done"));
      assertThat(refused).isEqualTo(3);
      assertThat(bucket.heads())
          .hasSize(1)
          .noneMatch(head -> head.toLowerCase(Locale.ROOT).contains("authorization"));
      assertThat(proxy.heads()).anyMatch(head -> head.contains("Authorization: Bearer"));
      assertThat(String.join("\n", proxy.requests()))
          .contains("repository%3Aadmin%2Fsolo%3Apull")
          .doesNotContain("push");
    }
  }

  @Test
  void aCertificateOfTheRegistrysOwnIsTrustedWhenItIsNamed() throws Exception {
    Path certificate = directory.resolve("server.crt");
    Path key = directory.resolve("server.key");
    TestCertificates.make(directory, "server").write(certificate, key);
    String bundle = "--spring.ssl.bundle.pem.registry.keystore.";
    try (RegistryServer server =
        RegistryServer.start(
            store.root(),
            "--server.ssl.bundle=registry",
            bundle + "certificate=file:" + certificate,
            bundle + "private-key=file:" + key)) {
      String url = "https://127.0.0.1:" + server.port();

      int unknown = pullSilently(url);
      Answer named = pull(url, "solo", "--cacert=" + certificate);
      Answer bundled =
          pull(
              url,
              "fixtures/from-1-5-0",
              "--ssl-bundle=theirs",
              "--spring.ssl.bundle.pem.theirs.truststore.certificate=file:" + certificate);
      int missing = pullSilently(url, "--cacert=" + directory.resolve("nothing"));

      assertThat(unknown).isEqualTo(3);
      assertThat(named.results()).isEqualTo(Map.of("library/solo:latest", "done"));
      assertThat(bundled.results()).isEqualTo(Map.of("fixtures/from-1-5-0:v1", "done"));
      assertThat(missing).isEqualTo(2);
    }
  }

  @Test
  void damagedBytesAreNotStoredAndTheNextCopyReadsOnlyThem() throws Exception {
    Path other = directory.resolve("other");
    String damaged;
    try (RegistryServer server = RegistryServer.start(other)) {
      Answer sent =
          Transfers.run(
              new CopyCommand(Transfers.REGISTRY),
              store.root(),
              "solo",
              "fixtures/from-1-5-0",
              "--to",
              url(server));
      assertThat(sent.status()).as(sent.said()).isZero();
      List<String> digests =
          Transfers.blobsOf(
              Transfers.parse(server.client().get("/v2/solo/manifests/latest").bytes()));
      damaged = digests.get(digests.size() - 1);
    }
    List<Path> files =
        Transfers.files(other).entrySet().stream()
            .filter(file -> Digest.of(file.getValue()).toString().equals(damaged))
            .map(file -> other.resolve(file.getKey()))
            .toList();
    assertThat(files).isNotEmpty();
    // Its other names are links to it.
    flipABit(files.get(0));
    try (RegistryServer server = RegistryServer.start(other);
        FaultProxy proxy = new FaultProxy(server.port())) {

      Answer answer = pull(proxy.endpoint().toString(), "--all");
      Map<String, String> after = arrived();
      flipABit(files.get(0));
      proxy.heal();
      Answer again = pull(proxy.endpoint().toString(), "--all");

      assertThat(answer.status()).isEqualTo(1);
      assertThat(answer.results())
          .containsEntry("library/solo:latest", "failed")
          .containsEntry("fixtures/from-1-5-0:v1", "done");
      assertThat(answer.textOf("library/solo:latest")).contains(damaged, "another digest");
      assertThat(after).containsOnlyKeys("fixtures/from-1-5-0:v1");
      assertThat(again.results()).containsEntry("library/solo:latest", "done");
      assertThat(blobs(proxy)).hasSize(1).allMatch(request -> request.endsWith(damaged));
    }
  }

  private static void flipABit(Path file) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    bytes[bytes.length / 2] ^= 1;
    Files.write(file, bytes);
  }

  @Test
  void aTagThatNamesAnotherImageStaysUnlessItIsReplaced() {
    try (RegistryServer server = RegistryServer.start(store.root())) {
      Map<String, String> there = Transfers.served(server.client());
      pull(url(server), "fixtures/from-1-5-0");
      String other = store.text("repositories/fixtures/from-1-12-6/tag_v1").strip();
      String path = "/v1/repositories/fixtures/from-1-5-0/tags/v1";
      assertThat(server.client().put(path, "\"" + other + "\"").status()).isEqualTo(200);

      Answer refused = pull(url(server), "fixtures/from-1-5-0");
      Map<String, String> before = arrived();
      Answer moved = pull(url(server), "fixtures/from-1-5-0", "--replace");

      assertThat(refused.results()).isEqualTo(Map.of("fixtures/from-1-5-0:v1", "conflict"));
      assertThat(before)
          .containsEntry("fixtures/from-1-5-0:v1", there.get("fixtures/from-1-5-0:v1"));
      assertThat(moved.results()).isEqualTo(Map.of("fixtures/from-1-5-0:v1", "done"));
      assertThat(arrived())
          .containsEntry("fixtures/from-1-5-0:v1", there.get("fixtures/from-1-12-6:v1"));
    }
  }

  @Test
  void whatRefersToAnImageComesWithItAndALaterOneAfterwards() throws IOException {
    try (RegistryServer server = RegistryServer.start(store.root())) {
      String first = refer(server.client(), "first");
      Answer answer = pull(url(server), "solo");
      String second = refer(server.client(), "second");
      Answer again = pull(url(server), "solo");
      Answer third = pull(url(server), "solo");

      assertThat(answer.results()).isEqualTo(Map.of("library/solo:latest", "done"));
      assertThat(again.results()).isEqualTo(Map.of("library/solo:latest", "done"));
      assertThat(third.results()).isEqualTo(Map.of("library/solo:latest", "present"));
      try (RegistryServer own = RegistryServer.start(target)) {
        String subject =
            own.client().get("/v2/solo/manifests/latest").header("Docker-Content-Digest");
        assertThat(own.client().get("/v2/solo/referrers/" + subject).text())
            .contains(first)
            .contains(second);
      }
    }
  }

  private static String refer(TestClient client, String text) {
    Digest empty = Digest.of("{}".getBytes(StandardCharsets.UTF_8));
    assertThat(client.post("/v2/solo/blobs/uploads/?digest=" + empty, "{}").status())
        .isEqualTo(201);
    TestClient.Answer subject = client.get("/v2/solo/manifests/latest");
    String artifact =
        """
        {"schemaVersion":2,"mediaType":"%s","artifactType":"text/%s",\
        "config":{"mediaType":"application/vnd.oci.empty.v1+json","digest":"%s","size":2},\
        "layers":[],"subject":{"mediaType":"%s","digest":"%s","size":%d}}"""
            .formatted(
                OCI,
                text,
                empty,
                subject.header("Content-Type"),
                subject.header("Docker-Content-Digest"),
                subject.bytes().length);
    String digest = Digest.of(artifact.getBytes(StandardCharsets.UTF_8)).toString();
    assertThat(client.put("/v2/solo/manifests/" + digest, artifact, "Content-Type", OCI).status())
        .isEqualTo(201);
    return digest;
  }
}
