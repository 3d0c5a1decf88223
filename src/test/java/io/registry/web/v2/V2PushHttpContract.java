package io.registry.web.v2;

import static java.nio.charset.StandardCharsets.UTF_16;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.airlift.compress.zstd.ZstdOutputStream;
import io.registry.content.image.ImageId;
import io.registry.content.image.ImageRemoval;
import io.registry.content.manifest.BlobUploads;
import io.registry.content.manifest.Digest;
import io.registry.platform.json.JsonCodec;
import io.registry.storage.BlobKey;
import io.registry.storage.BlobStorage;
import io.registry.testkit.RawConnection;
import io.registry.testkit.RegistryServer;
import io.registry.testkit.TestClient;
import io.registry.testkit.TestClient.Answer;
import io.registry.testkit.TestImage;
import io.registry.testkit.TestLayer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** What clients of today push, and what the server refuses of it. Two servers share the store. */
@TestInstance(Lifecycle.PER_CLASS)
abstract class V2PushHttpContract {
  private static final JsonCodec CODEC = new JsonCodec();
  private static final int LARGE = 200_000;

  @TempDir static Path directory;

  /** The settings that name the store. */
  private List<String> store = List.of();

  private RegistryServer server;
  private RegistryServer other;
  private TestClient client;

  /** The command line of each registry. */
  abstract List<String> arguments(Path scratch) throws Exception;

  /** The names of all files in the store. */
  abstract List<String> files() throws Exception;

  @BeforeAll
  void start() throws Exception {
    store = List.copyOf(arguments(directory));
    String[] arguments = store.toArray(String[]::new);
    server = RegistryServer.startWith(arguments);
    other = RegistryServer.startWith(arguments);
    client = server.client();
  }

  @AfterAll
  void stop() throws Exception {
    server.close();
    other.close();
  }

  private V2Pusher pusher(String repository) {
    return new V2Pusher(client, repository);
  }

  private static byte[] random(int seed, int length) {
    byte[] bytes = new byte[length];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  private static byte[] bytes(String text) {
    return text.getBytes(UTF_8);
  }

  private static JsonNode json(Answer answer) {
    return CODEC.parse(answer.bytes()).orElseThrow();
  }

  private static void assertError(Answer answer, int status, String code) {
    assertThat(answer.status()).as(answer.text()).isEqualTo(status);
    assertThat(json(answer).path("errors").path(0).path("code").asString("")).isEqualTo(code);
    assertThat(json(answer).path("errors").path(0).path("message").asString("")).isNotBlank();
  }

  private List<String> files(Digest digest) throws Exception {
    return files().stream().filter(file -> file.contains(digest.hex())).toList();
  }

  private List<String> sessions(String location) throws Exception {
    String id = location.replaceFirst(".*/", "");
    return files().stream().filter(file -> file.contains(id)).toList();
  }

  @Test
  void aBlobIsPushedInOneRequestOrInTwo() throws Exception {
    V2Pusher pusher = pusher("push/shapes");
    byte[] one = random(1, LARGE);
    byte[] two = random(2, LARGE);

    Answer single =
        client.send(
            "POST",
            pusher.path("blobs/uploads/?digest=" + Digest.of(one)),
            BodyPublishers.ofByteArray(one));
    String location = pusher.begin();
    Answer put = pusher.finish(location, two, Digest.of(two));

    for (Answer answer : List.of(single, put)) {
      assertThat(answer.status()).as(answer.text()).isEqualTo(201);
    }
    assertThat(put.header("Location")).isEqualTo(pusher.path("blobs/" + Digest.of(two)));
    assertThat(put.header("Docker-Content-Digest")).isEqualTo(Digest.of(two).toString());
    assertThat(pusher.get("blobs/" + Digest.of(one)).bytes()).isEqualTo(one);
    assertThat(pusher.get("blobs/" + Digest.of(two)).bytes()).isEqualTo(two);
    assertThat(sessions(location)).isEmpty();
  }

  @Test
  void aBlobIsStreamedBeforeItsDigestIsKnown() throws Exception {
    V2Pusher pusher = pusher("push/streamed");
    byte[] blob = random(3, LARGE);
    String location = pusher.begin();

    Answer patch = pusher.patch(location, blob);
    Answer put = pusher.finish(location, new byte[0], Digest.of(blob));

    assertThat(patch.status()).as(patch.text()).isEqualTo(202);
    assertThat(patch.header("Range")).isEqualTo("0-" + (LARGE - 1));
    assertThat(patch.header("Location")).isEqualTo(location);
    assertThat(put.status()).as(put.text()).isEqualTo(201);
    assertThat(pusher.get("blobs/" + Digest.of(blob)).bytes()).isEqualTo(blob);
    assertThat(sessions(location)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aBlobIsPushedInPartsThroughBothServers(boolean lastInPut) {
    V2Pusher here = pusher("push/parts");
    V2Pusher there = new V2Pusher(other.client(), "push/parts");
    byte[] blob = random(lastInPut ? 4 : 5, 3 * LARGE);
    String location = here.begin();
    List<byte[]> parts =
        IntStream.range(0, 3)
            .mapToObj(part -> Arrays.copyOfRange(blob, part * LARGE, (part + 1) * LARGE))
            .toList();

    assertThat(here.patch(location, parts.get(0), range(0)).status()).isEqualTo(202);
    assertThat(there.patch(location, parts.get(1), range(1)).status()).isEqualTo(202);
    Answer progress = here.get(location.substring(here.path("").length()));
    assertThat(progress.status()).isEqualTo(204);
    assertThat(progress.header("Range")).isEqualTo("0-" + (2 * LARGE - 1));
    Answer end;
    if (lastInPut) {
      end = here.finish(location, parts.get(2), Digest.of(blob), range(2));
    } else {
      assertThat(here.patch(location, parts.get(2), range(2)).status()).isEqualTo(202);
      end = there.finish(location, new byte[0], Digest.of(blob));
    }

    assertThat(end.status()).as(end.text()).isEqualTo(201);
    assertThat(there.get("blobs/" + Digest.of(blob)).bytes()).isEqualTo(blob);
  }

  private static String[] range(int part) {
    return new String[] {"Content-Range", part * LARGE + "-" + ((part + 1) * LARGE - 1)};
  }

  @Test
  void partsOutOfOrderChangeNothing() throws Exception {
    V2Pusher pusher = pusher("push/order");
    byte[] blob = random(6, 2 * LARGE);
    String location = pusher.begin();
    byte[] first = Arrays.copyOf(blob, LARGE);
    byte[] second = Arrays.copyOfRange(blob, LARGE, 2 * LARGE);

    assertError(pusher.patch(location, second, range(1)), 416, "BLOB_UPLOAD_INVALID");
    assertThat(pusher.patch(location, first, range(0)).status()).isEqualTo(202);
    assertError(pusher.patch(location, first, range(0)), 416, "BLOB_UPLOAD_INVALID");
    assertError(
        pusher.finish(location, second, Digest.of(blob), "Content-Range", "7-" + (LARGE + 6)),
        416,
        "BLOB_UPLOAD_INVALID");
    assertError(
        pusher.patch(location, second, "Content-Range", LARGE + "-" + (LARGE + 9)),
        400,
        "BLOB_UPLOAD_INVALID");
    assertError(
        pusher.patch(location, second, "Content-Range", "from here on"),
        400,
        "BLOB_UPLOAD_INVALID");

    assertThat(pusher.finish(location, second, Digest.of(blob), range(1)).status()).isEqualTo(201);
    assertThat(pusher.get("blobs/" + Digest.of(blob)).bytes()).isEqualTo(blob);
  }

  @Test
  void emptyBlobsAndDigestsBySha512AreTaken() {
    V2Pusher pusher = pusher("push/unusual");
    byte[] blob = random(7, 100);
    Digest sha512 = new Digest("sha512", hex(Digest.find("sha512:" + "0".repeat(128)), blob));

    Digest empty = pusher.blob(new byte[0]);
    String location = pusher.begin();
    assertThat(pusher.patch(location, blob).status()).isEqualTo(202);
    assertThat(pusher.finish(location, new byte[0], sha512).status()).isEqualTo(201);

    Answer nothing = pusher.get("blobs/" + empty);
    assertThat(nothing.status()).isEqualTo(200);
    assertThat(nothing.bytes()).isEmpty();
    assertThat(pusher.get("blobs/" + sha512).bytes()).isEqualTo(blob);
    assertThat(pusher.head("blobs/" + Digest.of(blob)).status()).isEqualTo(404);
  }

  private static String hex(Optional<Digest> algorithm, byte[] bytes) {
    return HexFormat.of().formatHex(algorithm.orElseThrow().newHash().digest(bytes));
  }

  @Test
  void bytesOfAnotherDigestAreNotKept() throws Exception {
    V2Pusher pusher = pusher("push/lies");
    byte[] blob = random(8, LARGE);
    Digest lie = Digest.of(bytes("not this"));
    Answer single =
        client.send(
            "POST", pusher.path("blobs/uploads/?digest=" + lie), BodyPublishers.ofByteArray(blob));
    String whole = pusher.begin();
    String streamed = pusher.begin();
    assertThat(pusher.patch(streamed, blob).status()).isEqualTo(202);

    assertError(single, 400, "DIGEST_INVALID");
    assertError(pusher.finish(whole, blob, lie), 400, "DIGEST_INVALID");
    assertError(pusher.finish(streamed, new byte[0], lie), 400, "DIGEST_INVALID");
    assertError(pusher.finish(pusher.begin(), blob, "sha256:short"), 400, "DIGEST_INVALID");
    assertError(pusher.finish(pusher.begin(), blob, ""), 400, "DIGEST_INVALID");

    assertThat(files(lie)).isEmpty();
    assertThat(files(Digest.of(blob))).isEmpty();
    assertThat(sessions(streamed)).isEmpty();
  }

  @Test
  void anUploadBelongsToOneRepositoryAndEndsOnce() {
    V2Pusher pusher = pusher("push/owner");
    byte[] blob = random(9, 100);
    String location = pusher.begin();
    String stolen = location.replace("push/owner", "push/thief");

    assertError(pusher.patch(stolen, blob), 404, "BLOB_UPLOAD_UNKNOWN");
    assertError(pusher.finish(stolen, blob, Digest.of(blob)), 404, "BLOB_UPLOAD_UNKNOWN");
    assertThat(pusher.finish(location, blob, Digest.of(blob)).status()).isEqualTo(201);
    assertError(pusher.finish(location, blob, Digest.of(blob)), 404, "BLOB_UPLOAD_UNKNOWN");
    assertError(pusher.patch(location, blob), 404, "BLOB_UPLOAD_UNKNOWN");
    assertError(
        pusher.patch(pusher.path("blobs/uploads/..%2F..%2Fetc"), blob), 404, "BLOB_UPLOAD_UNKNOWN");
    String cancelled = pusher.begin();
    assertThat(client.delete(cancelled).status()).isEqualTo(204);
    assertError(pusher.patch(cancelled, blob), 404, "BLOB_UPLOAD_UNKNOWN");
  }

  @Test
  void aPartThatBreaksOffLeavesNothingAndTheUploadGoesOn() throws Exception {
    V2Pusher pusher = pusher("push/cut");
    byte[] blob = random(10, LARGE);
    String location = pusher.begin();
    try (RawConnection connection = new RawConnection(server.port())) {
      connection.send(
          "PATCH %s HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n".formatted(location, LARGE));
      connection.out().write(blob, 0, LARGE / 2);
      connection.out().flush();
      connection.halfClose();
      assertThat(connection.readAll()).startsWith("HTTP/1.1 400");
    }

    Answer progress = pusher.get(location.substring(pusher.path("").length()));

    assertThat(progress.header("Range")).isEqualTo("0-0");
    assertThat(pusher.finish(location, blob, Digest.of(blob)).status()).isEqualTo(201);
  }

  @Test
  void aBlobThatBreaksOffIsNotKept() throws Exception {
    V2Pusher pusher = pusher("push/broken");
    byte[] blob = random(12, LARGE);
    String location = pusher.begin();
    for (String request :
        List.of(
            "PUT " + location + "?digest=" + Digest.of(blob),
            "POST " + pusher.path("blobs/uploads/?digest=" + Digest.of(blob)))) {
      try (RawConnection connection = new RawConnection(server.port())) {
        connection.send(
            request + " HTTP/1.1\r\nHost: x\r\nContent-Length: " + (LARGE + 1) + "\r\n\r\n");
        connection.out().write(blob);
        connection.out().flush();
        connection.halfClose();
        assertThat(connection.readAll()).startsWith("HTTP/1.1 400");
      }
      assertThat(files(Digest.of(blob))).isEmpty();
      assertThat(pusher.head("blobs/" + Digest.of(blob)).status()).isEqualTo(404);
    }

    assertThat(sessions(location)).hasSize(1);
    assertThat(pusher.finish(location, blob, Digest.of(blob)).status()).isEqualTo(201);
  }

  @Test
  void oneRequestAtATimeGoesOnWithAnUpload() throws Exception {
    V2Pusher pusher = pusher("push/once");
    byte[] blob = random(13, LARGE);
    String location = pusher.begin();
    try (RawConnection connection = new RawConnection(server.port())) {
      connection.send(
          "PATCH "
              + location
              + " HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n"
              + "Content-Length: "
              + LARGE
              + "\r\n\r\n");
      // The server has begun to read.
      assertThat(connection.readHead()).startsWith("HTTP/1.1 100");

      assertError(pusher.patch(location, blob), 409, "DENIED");
      assertError(pusher.finish(location, blob, Digest.of(blob)), 409, "DENIED");
      assertError(client.delete(location), 409, "DENIED");

      connection.out().write(blob);
      connection.out().flush();
      assertThat(connection.readHead()).startsWith("HTTP/1.1 202");
    }
    assertThat(pusher.finish(location, new byte[0], Digest.of(blob)).status()).isEqualTo(201);
    assertThat(pusher.get("blobs/" + Digest.of(blob)).bytes()).isEqualTo(blob);
  }

  @Test
  void whatTwoServersReceiveAtOnceIsOneBlobOrNone() throws Exception {
    V2Pusher here = pusher("push/twice");
    V2Pusher there = new V2Pusher(other.client(), "push/twice");
    byte[] blob = random(14, LARGE);
    byte[] shorter = Arrays.copyOf(blob, LARGE / 2);
    String location = here.begin();
    try (RawConnection connection = new RawConnection(server.port())) {
      connection.send(
          "PATCH "
              + location
              + " HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n"
              + "Content-Length: "
              + LARGE
              + "\r\n\r\n");
      assertThat(connection.readHead()).startsWith("HTTP/1.1 100");
      assertThat(there.patch(location, shorter).status()).isEqualTo(202);
      connection.out().write(blob);
      connection.out().flush();
      assertThat(connection.readHead()).startsWith("HTTP/1.1 202");
    }

    Answer end = there.finish(location, new byte[0], Digest.of(blob));

    if (end.status() == 201) {
      assertThat(here.get("blobs/" + Digest.of(blob)).bytes()).isEqualTo(blob);
    } else {
      assertError(end, 400, "DIGEST_INVALID");
      assertThat(files(Digest.of(blob))).isEmpty();
    }
    assertThat(sessions(location)).isEmpty();
    assertThat(here.blob(blob)).isEqualTo(Digest.of(blob));
  }

  @ParameterizedTest
  @CsvSource({
    "5-2, 3, 416",
    "0-0, 3, 400",
    "0-9, 3, 400",
    "1-3, 3, 416",
    "0-999999999999999999, 3, 400",
    "0-9999999999999999999, 3, 400",
    "-1-2, 3, 400",
    "0-, 3, 400",
    "bytes 0-2/*, 3, 202",
    "bytes=0-2, 3, 202"
  })
  void aPartIsWhereItsRangeSays(String range, int length, int status) throws Exception {
    V2Pusher pusher = pusher("push/ranges");
    byte[] blob = random(15, length);
    String location = pusher.begin();

    Answer patch = pusher.patch(location, blob, "Content-Range", range);

    assertThat(patch.status()).as(patch.text()).isEqualTo(status);
    assertThat(sessions(location)).hasSize(status == 202 ? 2 : 1);
    if (status != 202) {
      assertError(patch, status, "BLOB_UPLOAD_INVALID");
      assertThat(pusher.finish(location, blob, Digest.of(blob)).status()).isEqualTo(201);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "md5:d41d8cd98f00b204e9800998ecf8427e",
        "sha256:E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855",
        "sha384:00",
        "sha256:..%2F..%2Fetc",
        "latest"
      })
  void whatIsNoDigestIsRefusedEverywhere(String digest) {
    V2Pusher pusher = pusher("push/digests");

    assertError(pusher.finish(pusher.begin(), bytes("x"), digest), 400, "DIGEST_INVALID");
    assertError(pusher.post("blobs/uploads/?digest=" + digest, bytes("x")), 400, "DIGEST_INVALID");
    assertError(
        pusher.post("blobs/uploads/?mount=" + digest + "&from=push/source", new byte[0]),
        400,
        "DIGEST_INVALID");
  }

  @Test
  void unfinishedUploadsAreSwept() throws Exception {
    V2Pusher pusher = pusher("push/swept");
    String location = pusher.begin();
    assertThat(pusher.patch(location, bytes("part")).status()).isEqualTo(202);

    server.bean(BlobUploads.class).sweep(Duration.ofDays(1));
    assertThat(sessions(location)).hasSize(2);
    server.bean(BlobUploads.class).sweep(Duration.ofDays(-1));

    assertThat(sessions(location)).isEmpty();
    assertError(pusher.patch(location, bytes("more")), 404, "BLOB_UPLOAD_UNKNOWN");
  }

  @Test
  void aManifestKeepsItsBytesWhateverItContains() {
    V2Pusher pusher = pusher("push/kept");
    byte[] plain = pusher.artifact("kept", Map.of("x-unknown", List.of(1, "two")));
    byte[] manifest = bytes(new String(plain, UTF_8) + "\n \n");
    Digest digest = Digest.of(manifest);

    Answer put = pusher.put("v1", manifest);

    assertThat(put.status()).as(put.text()).isEqualTo(201);
    assertThat(put.header("Docker-Content-Digest")).isEqualTo(digest.toString());
    assertThat(put.header("Location")).isEqualTo(pusher.path("manifests/" + digest));
    for (String reference : List.of("v1", digest.toString())) {
      for (TestClient each : List.of(client, other.client())) {
        Answer got = each.get(pusher.path("manifests/" + reference));
        assertThat(got.bytes()).isEqualTo(manifest);
        assertThat(got.header("Content-Type")).isEqualTo(V2Pusher.OCI_MANIFEST);
        assertThat(got.header("Docker-Content-Digest")).isEqualTo(digest.toString());
      }
      Answer head = pusher.head("manifests/" + reference);
      assertThat(head.header("Content-Length")).isEqualTo(String.valueOf(manifest.length));
    }
    assertThat(json(pusher.get("tags/list")).path("tags").toString()).isEqualTo("[\"v1\"]");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "[]                                       | not a JSON object",
        "{                                        | not a JSON object",
        "{'schemaVersion':1}                      | schemaVersion",
        "{'schemaVersion':3,'config':{}}          | schemaVersion",
        "{'schemaVersion':2}                      | config",
        "{'schemaVersion':2,'config':5}           | config",
        "{'schemaVersion':2,'mediaType':'a/b'}    | mediaType",
        "{'schemaVersion':2,'mediaType':5}        | mediaType",
        "{'schemaVersion':2,'config':{'mediaType':'a/b','digest':'sha256:1','size':1}} | digest",
        "{'schemaVersion':2,'config':{'mediaType':'a/b','digest':'D','size':-1}}       | size",
        "{'schemaVersion':2,'config':{'mediaType':'a/b','digest':'D','size':1.5}}      | size",
        "{'schemaVersion':2,'config':{'mediaType':'a/b','digest':'D','size':2}}        | layers",
        "{'schemaVersion':2,'config':{'mediaType':'a/b','digest':'D','size':9},'layers':[]} | has 2",
        "{'schemaVersion':2,'config':{'mediaType':'a/b','digest':'D','size':2},'layers':[5]} | layers[0]",
        "{'schemaVersion':2,'config':{'mediaType':'a/b','digest':'D','size':2},'layers':[],'annotations':{'a':1}} | annotations",
        "{'schemaVersion':2,'config':{'mediaType':'a/b','digest':'D','size':2},'layers':[],'subject':'x'} | subject",
        "{'schemaVersion':2,'config':{'mediaType':'a/b','digest':'D','size':2},'layers':[],'manifests':[]} | manifests",
      })
  void whatIsNoManifestIsRefused(String json, String reason) throws Exception {
    V2Pusher pusher = pusher("push/invalid");
    Digest config = pusher.blob(bytes("{}"));
    byte[] manifest =
        bytes(json.replace('\'', '"').replace("\"D\"", '"' + config.toString() + '"'));

    Answer put = pusher.put("bad", manifest);

    assertError(put, 400, "MANIFEST_INVALID");
    assertThat(put.text()).contains(reason);
    assertThat(pusher.get("manifests/bad").status()).isEqualTo(404);
    assertThat(files(Digest.of(manifest))).isEmpty();
  }

  @Test
  void whatTheRepositoryLacksCannotBeListed() throws Exception {
    V2Pusher pusher = pusher("push/lacks");
    pusher("push/has").blob(bytes("elsewhere"));
    Digest config = pusher.blob(bytes("{}"));
    Map<String, Object> present = V2Pusher.descriptor("a/b", bytes("{}"));
    Map<String, Object> absent = V2Pusher.descriptor("text/plain", bytes("elsewhere"));
    byte[] layer = V2Pusher.render(V2Pusher.image(present, List.of(absent)));
    byte[] settings = V2Pusher.render(V2Pusher.image(absent, List.of(present)));
    byte[] child = V2Pusher.render(V2Pusher.index(List.of(absent)));

    assertError(pusher.put("v1", layer), 404, "MANIFEST_BLOB_UNKNOWN");
    assertError(pusher.put("v1", settings), 404, "MANIFEST_BLOB_UNKNOWN");
    assertError(pusher.put("v1", child, V2Pusher.OCI_INDEX), 404, "MANIFEST_BLOB_UNKNOWN");
    assertError(
        pusher.put(config, V2Pusher.render(V2Pusher.image(present, List.of()))),
        400,
        "DIGEST_INVALID");
    assertError(pusher.put("-no", layer), 400, "NAME_INVALID");

    assertThat(files(Digest.of(layer))).isEmpty();
    assertThat(pusher.get("tags/list").text()).doesNotContain("v1");
  }

  @Test
  void sizesAreThoseOfWhatIsListed() throws Exception {
    V2Pusher pusher = pusher("push/sizes");
    byte[] child = pusher.artifact("sized", Map.of());
    assertThat(pusher.put(Digest.of(child), child).status()).isEqualTo(201);
    Map<String, Object> config = V2Pusher.descriptor("a/b", bytes("{}"));
    Map<String, Object> layer = V2Pusher.descriptor("text/plain", bytes("sized"));
    layer.put("size", 4);
    Map<String, Object> entry = V2Pusher.descriptor(V2Pusher.OCI_MANIFEST, child);
    entry.put("size", child.length + 1);
    byte[] image = V2Pusher.render(V2Pusher.image(config, List.of(layer)));
    byte[] index = V2Pusher.render(V2Pusher.index(List.of(entry)));

    Answer wrongLayer = pusher.put("t", image);
    Answer wrongEntry = pusher.put("t", index, V2Pusher.OCI_INDEX);

    assertError(wrongLayer, 400, "MANIFEST_INVALID");
    assertThat(wrongLayer.text()).contains("has 5 bytes, not 4");
    assertError(wrongEntry, 400, "MANIFEST_INVALID");
    assertThat(wrongEntry.text()).contains("not " + (child.length + 1));
    assertThat(files(Digest.of(image))).isEmpty();
    assertThat(files(Digest.of(index))).isEmpty();
    assertThat(pusher.head("manifests/t").status()).isEqualTo(404);
  }

  @Test
  void indexesAreNestedDeeplyAndNotInACircle() {
    V2Pusher pusher = pusher("push/nested");
    byte[] inner = pusher.artifact("innermost", Map.of());
    String type = V2Pusher.OCI_MANIFEST;
    for (int depth = 0; depth < 50; depth++) {
      assertThat(pusher.put(Digest.of(inner), inner, type).status()).isEqualTo(201);
      Map<String, Object> entry = V2Pusher.descriptor(type, inner);
      entry.put("platform", Map.of("os", "linux", "architecture", "amd64"));
      inner = V2Pusher.render(V2Pusher.index(List.of(entry)));
      type = V2Pusher.OCI_INDEX;
    }
    assertThat(pusher.put("deep", inner, type).status()).isEqualTo(201);
    assertThat(pusher.get("manifests/deep").bytes()).isEqualTo(inner);

    // Each would have to contain the digest of the other one.
    byte[] one =
        V2Pusher.render(V2Pusher.index(List.of(V2Pusher.descriptor(type, bytes("the other")))));
    byte[] two = V2Pusher.render(V2Pusher.index(List.of(V2Pusher.descriptor(type, one))));
    assertError(pusher.put("one", one, type), 404, "MANIFEST_BLOB_UNKNOWN");
    assertError(pusher.put("two", two, type), 404, "MANIFEST_BLOB_UNKNOWN");
    // An index of referrers to itself, as old clients keep it under a tag.
    String tag = "sha256-" + Digest.of(inner).hex();
    byte[] self = V2Pusher.render(V2Pusher.index(List.of(V2Pusher.descriptor(type, inner))));
    assertThat(pusher.put(Digest.of(inner), inner, type).status()).isEqualTo(201);
    assertThat(pusher.put(tag, self, type).status()).isEqualTo(201);
    assertThat(digests(pusher.get("referrers/" + Digest.of(inner))))
        .containsExactly(Digest.of(inner).toString());
  }

  @ParameterizedTest
  @ValueSource(strings = {"\uFEFF{}", "{} {}", "{'a':'\uD800'", "null", "\"x\"", "{'a':1,}"})
  void whatIsNoJsonIsNoManifest(String text) {
    V2Pusher pusher = pusher("push/json");

    assertError(pusher.put("t", bytes(text.replace('\'', '"'))), 400, "MANIFEST_INVALID");
    assertError(pusher.put("t", text.getBytes(UTF_16)), 400, "MANIFEST_INVALID");
    assertError(pusher.put("t", new byte[] {'{', (byte) 0xff, '}'}), 400, "MANIFEST_INVALID");
    assertError(pusher.put("t", new byte[0]), 400, "MANIFEST_INVALID");
  }

  @Test
  void manifestsAreBounded() {
    V2Pusher pusher = pusher("push/large");
    int most = 4 * 1024 * 1024;
    byte[] fits = padded(pusher.artifact("large", Map.of()), most);
    byte[] tooLarge = padded(pusher.artifact("large", Map.of()), most + 1);
    Map<String, Object> layer = V2Pusher.descriptor("text/plain", bytes("large"));
    byte[] tooMany = V2Pusher.render(V2Pusher.image(layer, Collections.nCopies(10_000, layer)));
    byte[] deep =
        bytes("{\"schemaVersion\":2,\"x\":" + "[".repeat(5_000) + "]".repeat(5_000) + "}");

    assertThat(pusher.put("fits", fits).status()).isEqualTo(201);
    assertThat(pusher.get("manifests/fits").bytes()).isEqualTo(fits);
    assertError(pusher.put("not", tooLarge), 413, "DENIED");
    assertError(pusher.put("not", tooMany), 400, "MANIFEST_INVALID");
    assertError(pusher.put("not", deep), 400, "MANIFEST_INVALID");
  }

  private static byte[] padded(byte[] manifest, int length) {
    byte[] padded = Arrays.copyOf(manifest, length);
    Arrays.fill(padded, manifest.length, length, (byte) ' ');
    return padded;
  }

  @Test
  void anIndexListsManifestsOrBlobsAndIsNested() {
    V2Pusher pusher = pusher("push/index");
    byte[] image = pusher.artifact("child", Map.of());
    assertThat(pusher.put(Digest.of(image), image).status()).isEqualTo(201);
    pusher.blob(bytes("cache"));
    byte[] index =
        V2Pusher.render(
            V2Pusher.index(
                List.of(
                    V2Pusher.descriptor(V2Pusher.OCI_MANIFEST, image),
                    V2Pusher.descriptor("text/plain", bytes("cache")))));
    byte[] outer =
        V2Pusher.render(V2Pusher.index(List.of(V2Pusher.descriptor(V2Pusher.OCI_INDEX, index))));

    assertThat(pusher.put(Digest.of(index), index, V2Pusher.OCI_INDEX).status()).isEqualTo(201);
    Answer put = pusher.put("all", outer, V2Pusher.OCI_INDEX);

    assertThat(put.status()).as(put.text()).isEqualTo(201);
    Answer got = pusher.get("manifests/all");
    assertThat(got.bytes()).isEqualTo(outer);
    assertThat(got.header("Content-Type")).isEqualTo(V2Pusher.OCI_INDEX);
  }

  @Test
  void referrersAreListedFilteredAndPaged() {
    V2Pusher pusher = pusher("push/referrers");
    byte[] subject = pusher.artifact("subject", Map.of());
    Map<String, Object> to = V2Pusher.descriptor(V2Pusher.OCI_MANIFEST, subject);
    List<String> pushed = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      Map<String, Object> more = new LinkedHashMap<>();
      more.put("subject", to);
      more.put("artifactType", "application/x." + i % 2);
      more.put("annotations", Map.of("n", String.valueOf(i)));
      byte[] referrer = pusher.artifact("referrer " + i, more);
      Answer put = pusher.put(Digest.of(referrer), referrer);
      assertThat(put.status()).as(put.text()).isEqualTo(201);
      assertThat(put.header("OCI-Subject")).isEqualTo(Digest.of(subject).toString());
      pushed.add(Digest.of(referrer).toString());
    }
    byte[] old = pusher.artifact("old", Map.of());
    assertThat(pusher.put(Digest.of(old), old).status()).isEqualTo(201);
    byte[] fallback =
        V2Pusher.render(V2Pusher.index(List.of(V2Pusher.descriptor(V2Pusher.OCI_MANIFEST, old))));
    String tag = "sha256-" + Digest.of(subject).hex();
    assertThat(pusher.put(tag, fallback, V2Pusher.OCI_INDEX).status()).isEqualTo(201);

    Answer all = pusher.get("referrers/" + Digest.of(subject));
    Answer some = pusher.get("referrers/" + Digest.of(subject) + "?artifactType=application%2Fx.1");

    assertThat(all.header("Content-Type")).isEqualTo(V2Pusher.OCI_INDEX);
    assertThat(digests(all))
        .containsExactlyInAnyOrderElementsOf(
            IntStream.rangeClosed(0, 5)
                .mapToObj(i -> i < 5 ? pushed.get(i) : Digest.of(old).toString())
                .toList());
    assertThat(some.header("OCI-Filters-Applied")).isEqualTo("artifactType");
    assertThat(digests(some)).containsExactlyInAnyOrder(pushed.get(1), pushed.get(3));
    List<String> paged = new ArrayList<>();
    String next = pusher.path("referrers/" + Digest.of(subject) + "?n=2");
    while (!next.isEmpty()) {
      Answer page = client.get(next);
      paged.addAll(digests(page));
      next = page.header("Link").replaceFirst("<([^>]*)>.*", "$1");
    }
    assertThat(paged).containsExactlyInAnyOrderElementsOf(digests(all));
    assertThat(pusher.delete("manifests/" + pushed.get(0)).status()).isEqualTo(202);
    assertThat(digests(pusher.get("referrers/" + Digest.of(subject))))
        .doesNotContain(pushed.get(0));
    Answer unknown = pusher.get("referrers/sha256:" + "0".repeat(64));
    assertThat(unknown.status()).isEqualTo(200);
    assertThat(digests(unknown)).isEmpty();
  }

  private static List<String> digests(Answer index) {
    assertThat(index.status()).as(index.text()).isEqualTo(200);
    List<String> digests = new ArrayList<>();
    json(index).path("manifests").forEach(each -> digests.add(each.path("digest").asString("")));
    return digests;
  }

  @Test
  void tagsManifestsAndBlobsAreRemovedForAllReaders() throws Exception {
    V2Pusher pusher = pusher("push/removed");
    V2Pusher there = new V2Pusher(other.client(), "push/removed");
    Digest one = pusher.tagged("one", "same");
    Digest again = pusher.tagged("two", "same");
    assertThat(again).isEqualTo(one);
    Digest layer = Digest.of(bytes("same"));

    assertThat(pusher.delete("manifests/one").status()).isEqualTo(202);
    assertThat(there.head("manifests/one").status()).isEqualTo(404);
    assertThat(there.head("manifests/" + one).status()).isEqualTo(200);
    assertError(pusher.delete("manifests/one"), 404, "MANIFEST_UNKNOWN");
    assertThat(pusher.delete("manifests/" + one).status()).isEqualTo(202);
    assertThat(there.head("manifests/two").status()).isEqualTo(404);
    assertThat(there.head("manifests/" + one).status()).isEqualTo(404);
    assertError(pusher.delete("manifests/" + one), 404, "MANIFEST_UNKNOWN");
    assertThat(pusher.delete("blobs/" + layer).status()).isEqualTo(202);
    assertThat(there.head("blobs/" + layer).status()).isEqualTo(404);
    assertError(pusher.delete("blobs/" + layer), 404, "BLOB_UNKNOWN");
  }

  @Test
  void aBlobIsMountedFromARepositoryThatHasIt() {
    V2Pusher source = pusher("push/source");
    V2Pusher target = pusher("push/target");
    Digest blob = source.blob(random(11, 1_000));

    Answer mounted = mount(target, blob, "push%2Fsource");
    Answer missing = mount(target, Digest.of(bytes("nowhere")), "push/source");
    Answer sourceless =
        client.send(
            "POST",
            target.path("blobs/uploads/?mount=" + Digest.of(bytes("x"))),
            BodyPublishers.noBody());

    assertThat(mounted.status()).as(mounted.text()).isEqualTo(201);
    assertThat(mounted.header("Location")).isEqualTo(target.path("blobs/" + blob));
    assertThat(source.delete("blobs/" + blob).status()).isEqualTo(202);
    assertThat(target.get("blobs/" + blob).bytes()).isEqualTo(random(11, 1_000));
    for (Answer answer : List.of(missing, sourceless)) {
      assertThat(answer.status()).isEqualTo(202);
      assertThat(
              target.finish(answer.header("Location"), bytes("y"), Digest.of(bytes("y"))).status())
          .isEqualTo(201);
    }
  }

  private Answer mount(V2Pusher target, Digest blob, String from) {
    return client.send(
        "POST",
        target.path("blobs/uploads/?mount=" + blob + "&from=" + from),
        BodyPublishers.noBody());
  }

  @Test
  void aLayerThatV1BroughtIsNotUploadedAgain() throws Exception {
    TestImage image = TestImage.of("v2 reuses", "", TestLayer.of("reused")).push(client);
    assertThat(client.put("/v1/repositories/push/v1/tags/t", '"' + image.id() + '"').status())
        .isEqualTo(200);
    V2Pusher source = pusher("push/v1");
    V2Pusher target = pusher("push/reuse");
    Digest layer = Digest.of(image.layer());
    assertThat(source.get("manifests/t").status()).isEqualTo(200);

    assertThat(source.head("blobs/" + layer).status()).isEqualTo(200);
    assertThat(mount(target, layer, "push/v1").status()).isEqualTo(201);
    target.blob(bytes("{}"));
    byte[] manifest =
        V2Pusher.render(
            V2Pusher.image(
                V2Pusher.descriptor("application/x", bytes("{}")),
                List.of(V2Pusher.descriptor(V2Pusher.OCI_LAYER, image.layer()))));
    assertThat(target.put("t", manifest).status()).isEqualTo(201);
    assertThat(client.delete("/v1/repositories/push/v1/tags/t").status()).isEqualTo(200);

    assertThat(target.get("blobs/" + layer).bytes()).isEqualTo(image.layer());
    assertThat(files().stream().filter(file -> file.endsWith("/blobs/sha256/" + layer.hex())))
        .isEmpty();
  }

  @Test
  void whatIsRemovedWithItsRepositoryIsGone() {
    V2Pusher pusher = pusher("push/gone");
    Digest manifest = pusher.tagged("v1", "gone");
    Digest layer = Digest.of(bytes("gone"));

    assertThat(client.delete("/v1/repositories/push/gone/").status()).isEqualTo(200);

    assertThat(pusher.head("manifests/v1").status()).isEqualTo(404);
    assertThat(pusher.head("manifests/" + manifest).status()).isEqualTo(404);
    assertThat(pusher.head("blobs/" + layer).status()).isEqualTo(404);
    assertError(pusher.get("tags/list"), 404, "NAME_UNKNOWN");
  }

  @Test
  void v1DoesNotShowTagsOfWhatItCannotExpress() {
    V2Pusher pusher = pusher("push/artifacts");
    pusher.tagged("signature", "no image");

    assertThat(client.get("/v1/repositories/push/artifacts/tags/signature").status())
        .isEqualTo(404);
    assertThat(client.get("/v1/repositories/push/artifacts/tags").text()).isEqualTo("{}");
    assertThat(client.get("/v1/repositories/push/artifacts/images").text()).isEqualTo("[]");
  }

  @Test
  void theLastTagWinsWhicheverProtocolSetIt() {
    V2Pusher pusher = pusher("push/both");
    TestImage image = TestImage.of("v1 wins", "", TestLayer.of("won")).push(client);
    Digest artifact = pusher.tagged("t", "first");

    assertThat(client.put("/v1/repositories/push/both/tags/t", '"' + image.id() + '"').status())
        .isEqualTo(200);
    Answer byV1 = other.client().get(pusher.path("manifests/t"));
    Digest again = pusher.tagged("t", "first");

    assertThat(byV1.text()).contains(image.id());
    assertThat(again).isEqualTo(artifact);
    assertThat(other.client().get(pusher.path("manifests/t")).header("Docker-Content-Digest"))
        .isEqualTo(artifact.toString());
    assertThat(other.client().get("/v1/repositories/push/both/tags/t").status()).isEqualTo(404);
  }

  private static byte[] gzip(byte[] bytes) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream packed = new GZIPOutputStream(out)) {
      packed.write(bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }

  private static byte[] zstd(byte[] bytes) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (ZstdOutputStream packed = new ZstdOutputStream(out)) {
      packed.write(bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }

  private static byte[] config(String architecture, byte[]... tars) {
    Map<String, Object> config = new LinkedHashMap<>();
    config.put("architecture", architecture);
    config.put("os", "linux");
    config.put("created", "2026-01-02T03:04:05Z");
    config.put("config", Map.of("Cmd", List.of("sh")));
    config.put("history", List.of(Map.of("created_by", "secret step")));
    config.put(
        "rootfs",
        Map.of(
            "type",
            "layers",
            "diff_ids",
            Arrays.stream(tars).map(tar -> Digest.of(tar).toString()).toList()));
    return CODEC.render(config);
  }

  /** Pushes the blobs of an image, and returns its manifest. */
  private static byte[] image(V2Pusher pusher, byte[] config, String type, byte[]... layers) {
    pusher.blob(config);
    List<Map<String, Object>> descriptors = new ArrayList<>();
    for (byte[] layer : layers) {
      pusher.blob(layer);
      descriptors.add(V2Pusher.descriptor(type, layer));
    }
    return V2Pusher.render(
        V2Pusher.image(V2Pusher.descriptor(V2Pusher.OCI_CONFIG, config), descriptors));
  }

  @ParameterizedTest
  @CsvSource({"false, false", "false, true", "true, false", "true, true"})
  void aPushOverV1SucceedsWhenAPushOfTheSameImageOverV2OvertakesIt(
      boolean packedOverV1, boolean packedOverV2) throws Exception {
    String name = "overtaken " + packedOverV1 + packedOverV2;
    V2Image image = V2Image.of(name, "base " + name);
    byte[] tar = image.tars().get(0);
    byte[] packed = image.packed().get(0);
    // Docker 1.10 and later sends layers uncompressed over V1.
    TestImage base = image.chain().get(0).withLayer(packedOverV1 ? gzip(tar) : tar);
    TestClient there = other.client();
    assertThat(base.putJson(there).status()).isEqualTo(200);
    assertThat(base.putLayer(there).status()).isEqualTo(200);
    V2Pusher pusher = pusher("push/overtaking");
    pusher.blob(tar);
    byte[] manifest = image.pushBlobs(pusher);
    Answer put =
        pusher.put(name.replace(' ', '-'), packedOverV2 ? manifest : image.plainManifest());
    assertThat(put.status()).as(put.text()).isEqualTo(201);

    Answer completed = base.putChecksum(there);

    assertThat(completed.status()).as(completed.text()).isEqualTo(200);
    assertThat(there.get(base.path("layer")).bytes()).isEqualTo(packedOverV2 ? packed : tar);
  }

  @Test
  void v1ClientsPullWhatIsPushedOverV2() throws Exception {
    V2Pusher pusher = pusher("push/image");
    byte[] base = TestLayer.of("base");
    byte[] top = TestLayer.of("top");
    byte[] config = config("amd64", base, top);
    byte[] manifest = image(pusher, config, V2Pusher.OCI_LAYER_GZIP, gzip(base), gzip(top));

    Answer put = pusher.put("v1", manifest);

    assertThat(put.status()).as(put.text()).isEqualTo(201);
    assertThat(put.header("Warning")).isEmpty();
    String id = Digest.of(config).hex();
    String parent = Digest.of(base).hex();
    TestClient there = other.client();
    assertThat(there.get("/v1/repositories/push/image/tags/v1").text()).isEqualTo('"' + id + '"');
    assertThat(there.get("/api/repositories/push/image/tags/v1").text())
        .isEqualTo(
            "{\"name\":\"v1\",\"image\":\"%s\",\"digest\":\"%s\",\"mediaType\":\"%s\"}"
                .formatted(id, Digest.of(manifest), V2Pusher.OCI_MANIFEST));
    assertThat(there.get("/v1/images/" + id + "/ancestry").text())
        .isEqualTo("[\"%s\", \"%s\"]".formatted(id, parent));
    assertThat(there.get("/v1/images/" + parent + "/json").text())
        .isEqualTo("{\"id\":\"" + parent + "\"}");
    JsonNode json = json(there.get("/v1/images/" + id + "/json"));
    assertThat(json.path("parent").asString("")).isEqualTo(parent);
    assertThat(json.path("id").asString("")).isEqualTo(id);
    assertThat(json.has("history") || json.has("rootfs")).isFalse();
    assertThat(json.path("config").path("Cmd").path(0).asString("")).isEqualTo("sh");
    assertThat(there.get("/v1/images/" + parent + "/layer").bytes()).isEqualTo(gzip(base));
    assertThat(there.get("/v1/images/" + id + "/layer").bytes()).isEqualTo(gzip(top));
    assertThat(there.get("/v1/images/" + id + "/files").text()).contains("top");
    assertThat(there.get(pusher.path("manifests/v1")).bytes()).isEqualTo(manifest);
  }

  @Test
  void v1ClientsGetOnePlatformOfAnIndexAndUnpackedZstd() {
    V2Pusher pusher = pusher("push/platforms");
    byte[] tar = TestLayer.of("packed");
    byte[] arm = image(pusher, config("arm64", tar), V2Pusher.OCI_LAYER_ZSTD, zstd(tar));
    byte[] config = config("amd64", tar);
    byte[] amd = image(pusher, config, V2Pusher.OCI_LAYER_ZSTD, zstd(tar));
    List<Map<String, Object>> entries = new ArrayList<>();
    for (byte[] each : List.of(arm, amd)) {
      assertThat(pusher.put(Digest.of(each), each).status()).isEqualTo(201);
      Map<String, Object> entry = V2Pusher.descriptor(V2Pusher.OCI_MANIFEST, each);
      entry.put("platform", Map.of("os", "linux", "architecture", each == arm ? "arm64" : "amd64"));
      entries.add(entry);
    }
    byte[] index = V2Pusher.render(V2Pusher.index(entries));

    Answer put = pusher.put("all", index, V2Pusher.OCI_INDEX);

    assertThat(put.status()).as(put.text()).isEqualTo(201);
    assertThat(put.header("Warning")).isEmpty();
    String id = Digest.of(config).hex();
    assertThat(client.get("/v1/repositories/push/platforms/tags/all").text())
        .isEqualTo('"' + id + '"');
    assertThat(client.get("/v1/images/" + id + "/layer").bytes()).isEqualTo(tar);
    Answer got = other.client().get(pusher.path("manifests/all"));
    assertThat(got.bytes()).isEqualTo(index);
    assertThat(got.header("Content-Type")).isEqualTo(V2Pusher.OCI_INDEX);
  }

  @Test
  void whatV1CannotExpressIsServedOverV2AndTheClientIsTold() {
    V2Pusher pusher = pusher("push/refused");
    byte[] tar = TestLayer.of("real");
    byte[] lie = image(pusher, config("amd64", bytes("not it")), V2Pusher.OCI_LAYER, tar);
    String windows = new String(config("amd64", tar), UTF_8).replace("linux", "windows");
    byte[] other = image(pusher, bytes(windows), V2Pusher.OCI_LAYER, tar);
    byte[] artifact = pusher.artifact("not an image", Map.of());

    for (byte[] manifest : List.of(lie, other, artifact)) {
      Answer put = pusher.put("t", manifest);

      assertThat(put.status()).as(put.text()).isEqualTo(201);
      JsonNode shown = json(client.get("/api/repositories/push/refused/tags/t"));
      assertThat(shown.path("digest").asString()).isEqualTo(Digest.of(manifest).toString());
      assertThat(shown.path("mediaType").asString()).isEqualTo(V2Pusher.OCI_MANIFEST);
      assertThat(shown.path("image").isMissingNode()).isTrue();
      assertThat(put.header("Warning"))
          .isEqualTo("299 - \"V1 clients cannot pull this: %s\"", shown.path("refusal").asString());
      assertThat(pusher.get("manifests/t").bytes()).isEqualTo(manifest);
      assertThat(client.get("/v1/repositories/push/refused/tags/t").status()).isEqualTo(404);
    }
    assertThat(client.get("/v1/images/" + Digest.of(config("amd64", tar)).hex() + "/json").status())
        .isEqualTo(404);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void anotherServerThatHasServedTheImageOfV1SeesItsManifestOfV2(boolean hasBrokenOff) {
    V2Image image = V2Image.of("announced" + hasBrokenOff, "a layer");
    image.chain().forEach(each -> each.push(client));
    V2Pusher pusher = pusher("push/announced");
    assertThat(pusher.tagOverV1("t", image.id()).status()).isEqualTo(200);
    byte[] made = other.client().get(pusher.path("manifests/t")).bytes();
    assertThat(other.client().get(pusher.path("manifests/t")).bytes()).isEqualTo(made);
    if (hasBrokenOff) {
      // What a push leaves that breaks off before the other server is told.
      String key = "_oci/images/" + image.id().substring(0, 2) + '/' + image.id();
      server.bean(BlobStorage.class).write(new BlobKey(key), bytes("{}"));
    }

    assertThat(pusher.put("t", image.pushBlobs(pusher)).status()).isEqualTo(201);

    assertThat(other.client().get(pusher.path("manifests/t")).bytes())
        .isEqualTo(image.manifest())
        .isNotEqualTo(made);
  }

  @Test
  void aServerThatOnlyReadsSeesTheManifestOfV2OfAnImageThatItHasServed(@TempDir Path derived) {
    V2Image image = V2Image.of("read only", "a layer");
    image.chain().forEach(each -> each.push(client));
    V2Pusher pusher = pusher("push/read");
    assertThat(pusher.tagOverV1("t", image.id()).status()).isEqualTo(200);
    List<String> settings = new ArrayList<>(store);
    settings.add("--registry.read-only=true");
    settings.add("--registry.v2.directory=" + derived);
    try (RegistryServer reader = RegistryServer.startWith(settings.toArray(String[]::new))) {
      TestClient there = reader.client();
      assertThat(there.get(pusher.path("manifests/t")).status()).isEqualTo(200);
      assertThat(there.get(pusher.path("manifests/t")).bytes()).isNotEqualTo(image.manifest());

      assertThat(pusher.put("t", image.pushBlobs(pusher)).status()).isEqualTo(201);

      assertThat(there.get(pusher.path("manifests/t")).bytes()).isEqualTo(image.manifest());
    }
  }

  @Test
  void anImageOfV1ThatIsRemovedAndPushedOverV2IsServedWithTheManifestOfV2() {
    V2Image image = V2Image.of("removed and pushed", "a layer");
    image.chain().forEach(each -> each.push(client));
    V2Pusher pusher = pusher("push/back");
    assertThat(pusher.tagOverV1("t", image.id()).status()).isEqualTo(200);
    TestClient there = other.client();
    byte[] made = there.get(pusher.path("manifests/t")).bytes();
    ImageId id = ImageId.find(image.id()).orElseThrow();
    ImageRemoval removal = server.bean(ImageRemoval.class);

    removal.hide(id);
    // Without Redis, the other server may still know the image.
    there.get(pusher.path("manifests/t"));
    removal.remove(id, () -> {});
    there.get(pusher.path("manifests/t"));
    assertThat(pusher.put("t", image.pushBlobs(pusher)).status()).isEqualTo(201);

    assertThat(there.get(pusher.path("manifests/t")).bytes())
        .isEqualTo(image.manifest())
        .isNotEqualTo(made);
  }

  @Test
  void aManifestWithOtherLayersThanItsImageIsServedToItsPusherOnly() {
    V2Image image = V2Image.of("claimed", "true layer");
    V2Image lie = new V2Image(image.config(), List.of(TestLayer.of("false layer")));
    V2Pusher liar = pusher("push/liar");
    assertThat(liar.put("t", lie.pushBlobs(liar)).header("Warning")).contains("diff_id");
    image.chain().forEach(each -> each.push(client));
    V2Pusher honest = pusher("push/honest");
    assertThat(honest.tagOverV1("v1", image.id()).status()).isEqualTo(200);
    assertThat(honest.put("v2", image.pushBlobs(honest)).status()).isEqualTo(201);

    assertThat(liar.get("manifests/t").bytes()).isEqualTo(lie.manifest());
    assertThat(honest.get("manifests/v1").text()).contains(image.id(), "\"io.registry.v1.id\"");
    assertThat(honest.get("manifests/v2").bytes()).isEqualTo(image.manifest());
  }

  @Test
  void eachTagServesTheManifestThatItWasPushedWith() {
    V2Pusher pusher = pusher("push/several");
    byte[] tar = TestLayer.of("several");
    byte[] config = config("amd64", tar);
    byte[] plain = image(pusher, config, V2Pusher.OCI_LAYER, tar);
    byte[] packed = image(pusher, config, V2Pusher.OCI_LAYER_GZIP, gzip(tar));
    String id = Digest.of(config).hex();

    assertThat(pusher.put("plain", plain).status()).isEqualTo(201);
    assertThat(pusher.put("packed", packed).status()).isEqualTo(201);
    assertThat(pusher.put("moved", plain).status()).isEqualTo(201);
    assertThat(pusher.put("moved", packed).status()).isEqualTo(201);
    assertThat(client.put("/v1/repositories/push/elsewhere/tags/v1", '"' + id + '"').status())
        .isEqualTo(200);

    V2Pusher there = new V2Pusher(other.client(), "push/several");
    assertThat(there.get("manifests/plain").bytes()).isEqualTo(plain);
    assertThat(there.get("manifests/packed").bytes()).isEqualTo(packed);
    assertThat(there.get("manifests/moved").bytes()).isEqualTo(packed);
    V2Pusher elsewhere = pusher("push/elsewhere");
    assertThat(elsewhere.get("manifests/v1").bytes()).isEqualTo(plain);
    assertThat(elsewhere.get("blobs/" + Digest.of(tar)).bytes()).isEqualTo(tar);
    assertThat(elsewhere.get("blobs/" + Digest.of(config)).bytes()).isEqualTo(config);
    assertThat(pusher.delete("manifests/" + Digest.of(packed)).status()).isEqualTo(202);
    assertThat(there.head("manifests/moved").status()).isEqualTo(404);
    assertThat(client.get("/v1/repositories/push/several/tags").text())
        .isEqualTo("{\"plain\": \"" + id + "\"}");
  }

  @Test
  void anImageThatCameOverV1KeepsItsIdAndItsManifest() {
    V2Pusher pusher = pusher("push/back");
    TestImage image = TestImage.of("pushed back", "", TestLayer.of("back")).push(client);
    assertThat(client.put("/v1/repositories/push/back/tags/t", '"' + image.id() + '"').status())
        .isEqualTo(200);
    Answer pulled = pusher.get("manifests/t");
    byte[] manifest = pulled.bytes();

    Answer put = pusher.put("again", manifest, pulled.header("Content-Type"));

    assertThat(put.status()).as(put.text()).isEqualTo(201);
    assertThat(client.get("/v1/repositories/push/back/tags/again").text())
        .isEqualTo('"' + image.id() + '"');
    assertThat(pusher.get("manifests/again").bytes()).isEqualTo(manifest);
  }
}
