package io.registry.web.v2;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.registry.content.manifest.Digest;
import io.registry.platform.json.JsonCodec;
import io.registry.testkit.Budget;
import io.registry.testkit.GcsBucket;
import io.registry.testkit.InMemoryBlobStorage;
import io.registry.testkit.RawConnection;
import io.registry.testkit.RegistryServer;
import io.registry.testkit.S3Bucket;
import io.registry.testkit.TestClient;
import io.registry.testkit.TestClient.Answer;
import io.registry.testkit.TestImage;
import io.registry.testkit.Together;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Random sequences of requests over both protocols, to two registries on one store, of which one is
 * sometimes started anew. After each, the repository is what a simple model of it says.
 *
 * <p>{@code -Dseed=N} repeats a sequence, and a {@link Budget} sets its length.
 */
@Tag("slow")
class V2ModelHttpTest {
  private static final int STEPS = Budget.times(20);
  private static final JsonCodec CODEC = new JsonCodec();

  @TempDir Path directory;

  /** Starts one of the registries. */
  private interface Start {
    RegistryServer run() throws Exception;
  }

  @Test
  void aStoreInMemoryIsWhatTheModelSays() throws Exception {
    InMemoryBlobStorage storage = new InMemoryBlobStorage();
    check(() -> RegistryServer.startOn(storage, directory));
  }

  @Test
  void aDirectoryIsWhatTheModelSays() throws Exception {
    check(() -> RegistryServer.start(directory));
  }

  @Test
  void aBucketOfS3IsWhatTheModelSays() throws Exception {
    try (S3Bucket bucket = new S3Bucket()) {
      check(() -> RegistryServer.startWith(bucket.arguments().toArray(String[]::new)));
    }
  }

  @Test
  void aBucketOfGcsIsWhatTheModelSays() throws Exception {
    try (GcsBucket bucket = new GcsBucket(directory)) {
      check(() -> RegistryServer.startWith(bucket.arguments().toArray(String[]::new)));
    }
  }

  private static void check(Start start) throws Exception {
    long seed = Budget.seed();
    try (World world = new World(start, seed)) {
      world.run();
    } catch (Exception | AssertionError e) {
      throw new AssertionError("with -Dseed=" + seed + ": " + e.getMessage(), e);
    }
  }

  /**
   * A manifest that clients push.
   *
   * @param needs the blobs that the repository must contain before
   * @param children the manifests that the repository must contain before
   * @param image the image that V1 clients pull instead; empty when V1 cannot express it
   * @param subject the manifest that it refers to
   */
  @SuppressWarnings("ArrayRecordComponent")
  private record Pushed(
      String name,
      byte[] bytes,
      String type,
      List<byte[]> needs,
      List<Pushed> children,
      Optional<V2Image> image,
      Optional<Digest> subject) {
    Digest digest() {
      return Digest.of(bytes);
    }
  }

  /**
   * What a tag was set to.
   *
   * @param pushed the manifest that a client has set over V2; empty when a V1 client has set it
   * @param image what V1 clients see
   */
  private record Tagged(Optional<Pushed> pushed, Optional<V2Image> image) {}

  /**
   * Whether a repository contains something. What a tagged V1 image consists of may be readable
   * also where no client has pushed it.
   */
  private enum There {
    YES,
    PERHAPS
  }

  private static final class Repository {
    private final String name;
    private final Map<String, Tagged> tags = new TreeMap<>();
    private final Map<Pushed, There> manifests = new HashMap<>();
    private final Map<Digest, There> blobs = new HashMap<>();

    Repository(String name) {
      this.name = name;
    }

    String tag(String tag) {
      return "/v1/repositories/" + name + "/tags/" + tag;
    }
  }

  private static final class World implements AutoCloseable {
    private static final List<String> TAGS = List.of("a", "b", "c");

    private final Start start;
    private final SplittableRandom random;
    private final RegistryServer[] servers = new RegistryServer[2];
    private final List<Repository> repositories =
        List.of(new Repository("model/one"), new Repository("two"), new Repository("model/three"));
    private final List<V2Image> images = new ArrayList<>();
    private final List<Pushed> manifests = new ArrayList<>();
    private final Map<Digest, byte[]> contents = new LinkedHashMap<>();
    private final Set<String> complete = new HashSet<>();
    private final List<String> done = new ArrayList<>();

    World(Start start, long seed) throws Exception {
      this.start = start;
      this.random = new SplittableRandom(seed);
      servers[0] = start.run();
      servers[1] = start.run();
      images.add(V2Image.of("one", "base"));
      images.add(V2Image.of("two", "base", "more"));
      images.add(V2Image.of("three", "base", "more", "most"));
      images.add(V2Image.of("alone", "other"));
      for (V2Image image : images) {
        String name = image.id().substring(0, 6);
        add(image("packed " + name, image, image.manifest(), image.packed()));
        add(image("plain " + name, image, image.plainManifest(), image.tars()));
      }
      add(lie(images.get(1), images.get(3)));
      for (int i = 0; i < 2; i++) {
        add(artifact("artifact " + i, Optional.empty()));
        add(artifact("referrer " + i, Optional.of(manifests.get(i))));
        add(index("index " + i, manifests.get(2 * i), manifests.get(9 + i)));
      }
      add(artifact("referrer of nothing", Optional.of(manifests.get(manifests.size() - 1))));
    }

    private void add(Pushed manifest) {
      manifests.add(manifest);
      manifest.needs().forEach(bytes -> contents.put(Digest.of(bytes), bytes));
    }

    private static Pushed image(String name, V2Image image, byte[] bytes, List<byte[]> layers) {
      List<byte[]> needs = new ArrayList<>(layers);
      needs.add(image.config());
      return new Pushed(
          name,
          bytes,
          V2Pusher.OCI_MANIFEST,
          needs,
          List.of(),
          Optional.of(image),
          Optional.empty());
    }

    // The configuration of an image with the layers of another one.
    private static Pushed lie(V2Image image, V2Image other) {
      V2Image lie = new V2Image(image.config(), List.of(other.tars().get(0), image.tars().get(1)));
      Pushed pushed = image("lie", lie, lie.manifest(), lie.packed());
      return new Pushed(
          "lie",
          pushed.bytes(),
          pushed.type(),
          pushed.needs(),
          List.of(),
          Optional.empty(),
          Optional.empty());
    }

    private static Pushed artifact(String text, Optional<Pushed> subject) {
      byte[] config = "{}".getBytes(UTF_8);
      byte[] layer = text.getBytes(UTF_8);
      Map<String, Object> json =
          V2Pusher.image(
              V2Pusher.descriptor("application/vnd.oci.empty.v1+json", config),
              List.of(V2Pusher.descriptor("text/plain", layer)));
      subject.ifPresent(to -> json.put("subject", V2Pusher.descriptor(to.type(), to.bytes())));
      return new Pushed(
          text,
          V2Pusher.render(json),
          V2Pusher.OCI_MANIFEST,
          List.of(config, layer),
          List.of(),
          Optional.empty(),
          subject.map(Pushed::digest));
    }

    private static Pushed index(String name, Pushed image, Pushed other) {
      Map<String, Object> entry = V2Pusher.descriptor(image.type(), image.bytes());
      entry.put("platform", Map.of("os", "linux", "architecture", "amd64"));
      byte[] bytes =
          V2Pusher.render(
              V2Pusher.index(List.of(V2Pusher.descriptor(other.type(), other.bytes()), entry)));
      return new Pushed(
          name,
          bytes,
          V2Pusher.OCI_INDEX,
          List.of(),
          List.of(image, other),
          image.image(),
          Optional.empty());
    }

    @Override
    public void close() {
      for (RegistryServer server : servers) {
        server.close();
      }
    }

    void run() throws Exception {
      try {
        for (int step = 0; step < STEPS; step++) {
          if (step % 40 == 39) {
            restart(random.nextInt(2));
          }
          Repository repository = any(repositories);
          done.add(step(repository));
          check(repository);
        }
        restart(0);
        repositories.forEach(this::check);
      } catch (AssertionError e) {
        String last = String.join("\n  ", done.subList(Math.max(0, done.size() - 40), done.size()));
        throw new AssertionError(e.getMessage() + "\nafter\n  " + last, e);
      }
    }

    private void restart(int number) throws Exception {
      servers[number].close();
      servers[number] = start.run();
      done.add("restart of " + number);
    }

    private <T> T any(List<T> all) {
      return all.get(random.nextInt(all.size()));
    }

    private TestClient client() {
      return servers[random.nextInt(2)].client();
    }

    private V2Pusher pusher(Repository repository) {
      return new V2Pusher(client(), repository.name);
    }

    private String step(Repository repository) throws Exception {
      String tag = any(TAGS);
      return switch (random.nextInt(16)) {
        case 0, 1, 2, 3 -> put(repository, any(manifests), Optional.of(tag));
        case 4, 5 -> put(repository, any(manifests), Optional.empty());
        case 6 -> tagOverV1(repository, tag, any(images));
        case 7 -> pushOverV1(repository, tag, any(images));
        case 8 -> removeTag(repository, tag);
        case 9 -> removeTagOverV1(repository, tag);
        case 10 -> removeManifest(repository, any(manifests));
        case 11 -> removeBlob(repository, any(List.copyOf(contents.keySet())));
        case 12 -> random.nextInt(4) == 0 ? removeAll(repository) : mount(repository);
        case 13 -> wrongUpload(repository);
        default -> upload(repository, any(List.copyOf(contents.values())));
      };
    }

    // As clients do: what is there is not pushed again.
    private void ensure(Repository repository, byte[] blob) throws Exception {
      if (pusher(repository).head("blobs/" + Digest.of(blob)).status() == 404) {
        upload(repository, blob);
      }
    }

    private String put(Repository repository, Pushed manifest, Optional<String> tag)
        throws Exception {
      for (byte[] blob : manifest.needs()) {
        ensure(repository, blob);
      }
      for (Pushed child : manifest.children()) {
        put(repository, child, Optional.empty());
      }
      Object reference = tag.isPresent() ? tag.get() : manifest.digest();
      Answer put = pusher(repository).put(reference, manifest.bytes(), manifest.type());
      assertThat(put.status()).as("%s: %s", manifest.name(), put).isEqualTo(201);
      assertThat(put.header("Docker-Content-Digest")).isEqualTo(manifest.digest().toString());
      if (tag.isPresent()) {
        assertThat(put.header("Warning").isEmpty())
            .as("%s: %s", manifest.name(), put.header("Warning"))
            .isEqualTo(manifest.image().isPresent());
        repository.tags.put(tag.get(), new Tagged(Optional.of(manifest), manifest.image()));
        manifest.image().ifPresent(image -> madeComplete(repository, image));
      }
      repository.manifests.put(manifest, There.YES);
      manifest.needs().forEach(blob -> repository.blobs.put(Digest.of(blob), There.YES));
      return "put %s to %s as %s".formatted(manifest.name(), repository.name, reference);
    }

    private void madeComplete(Repository repository, V2Image image) {
      complete.add(image.id());
      Stream.of(image.packed().stream(), image.tars().stream(), Stream.of(image.config()))
          .flatMap(each -> each)
          .forEach(blob -> repository.blobs.putIfAbsent(Digest.of(blob), There.PERHAPS));
    }

    private void taggedOverV1(Repository repository, String tag, V2Image image) {
      repository.tags.put(tag, new Tagged(Optional.empty(), Optional.of(image)));
      madeComplete(repository, image);
      // A reader of the tag gets one of them.
      manifests.stream()
          .filter(each -> each.image().equals(Optional.of(image)) && each.children().isEmpty())
          .forEach(each -> repository.manifests.putIfAbsent(each, There.PERHAPS));
    }

    private String tagOverV1(Repository repository, String tag, V2Image image) {
      Answer answer = client().put(repository.tag(tag), '"' + image.id() + '"');
      if (complete.contains(image.id())) {
        assertThat(answer.status()).as(answer.toString()).isEqualTo(200);
        taggedOverV1(repository, tag, image);
      } else {
        assertThat(answer.status()).as(answer.toString()).isEqualTo(404);
      }
      return "V1 tag %s of %s to %s".formatted(tag, repository.name, image.id());
    }

    private String pushOverV1(Repository repository, String tag, V2Image image) {
      for (TestImage each : image.chain()) {
        if (client().get(each.path("json")).status() != 200) {
          each.push(client());
        }
      }
      complete.add(image.id());
      return "V1 push, " + tagOverV1(repository, tag, image);
    }

    private String removeTag(Repository repository, String tag) {
      int status = pusher(repository).delete("manifests/" + tag).status();
      assertThat(status).isEqualTo(repository.tags.remove(tag) == null ? 404 : 202);
      return "delete tag %s of %s".formatted(tag, repository.name);
    }

    private String removeTagOverV1(Repository repository, String tag) {
      int status = client().delete(repository.tag(tag)).status();
      Tagged tagged = repository.tags.get(tag);
      // V1 may see or not see a tag that it cannot express, but it does not remove it by half.
      if (tagged == null) {
        assertThat(status).isEqualTo(404);
      } else if (status == 200) {
        repository.tags.remove(tag);
      } else {
        assertThat(tagged.image()).as("%d", status).isEmpty();
        assertThat(status).isEqualTo(404);
      }
      return "V1 delete of tag %s of %s: %d".formatted(tag, repository.name, status);
    }

    private String removeManifest(Repository repository, Pushed manifest) {
      List<String> named =
          repository.tags.entrySet().stream()
              .filter(tag -> served(repository, tag).equals(manifest.digest()))
              .map(Map.Entry::getKey)
              .toList();
      int status = pusher(repository).delete("manifests/" + manifest.digest()).status();
      There there = repository.manifests.get(manifest);
      if (there == null) {
        assertThat(status).isEqualTo(404);
      } else if (there == There.YES) {
        assertThat(status).isEqualTo(202);
      } else {
        assertThat(status).isIn(202, 404);
      }
      if (status == 202) {
        named.forEach(repository.tags::remove);
        boolean isServedAgain =
            repository.tags.values().stream()
                .anyMatch(tag -> tag.pushed().isEmpty() && tag.image().equals(manifest.image()));
        if (isServedAgain) {
          repository.manifests.put(manifest, There.PERHAPS);
        } else {
          repository.manifests.remove(manifest);
        }
      }
      return "delete %s of %s with %s: %d"
          .formatted(manifest.name(), repository.name, named, status);
    }

    private Digest served(Repository repository, Map.Entry<String, Tagged> tag) {
      return tag.getValue()
          .pushed()
          .map(Pushed::digest)
          .orElseGet(() -> Digest.of(pusher(repository).get("manifests/" + tag.getKey()).bytes()));
    }

    private String removeBlob(Repository repository, Digest blob) {
      int status = pusher(repository).delete("blobs/" + blob).status();
      There there = repository.blobs.get(blob);
      if (there == null) {
        assertThat(status).isEqualTo(404);
      } else if (there == There.YES) {
        assertThat(status).isEqualTo(202);
      } else {
        assertThat(status).isIn(202, 404, 409, 405);
      }
      if (there != null) {
        boolean ofTagged =
            repository.tags.values().stream()
                .anyMatch(tag -> tag.image().filter(image -> has(image, blob)).isPresent());
        if (ofTagged) {
          repository.blobs.put(blob, There.PERHAPS);
        } else if (status == 202) {
          repository.blobs.remove(blob);
        }
      }
      return "delete blob %s of %s: %d".formatted(blob, repository.name, status);
    }

    private static boolean has(V2Image image, Digest blob) {
      return Stream.of(image.packed().stream(), image.tars().stream(), Stream.of(image.config()))
          .flatMap(each -> each)
          .anyMatch(blob::isDigestOf);
    }

    private String removeAll(Repository repository) {
      int status = client().delete("/v1/repositories/" + repository.name + "/").status();
      assertThat(status).isIn(200, 404);
      repository.tags.clear();
      repository.manifests.clear();
      repository.blobs.clear();
      return "remove %s: %d".formatted(repository.name, status);
    }

    private String mount(Repository repository) {
      Repository from = any(repositories);
      Digest blob = any(List.copyOf(contents.keySet()));
      Answer answer =
          pusher(repository)
              .post("blobs/uploads/?mount=" + blob + "&from=" + from.name, new byte[0]);
      There there = from.blobs.get(blob);
      List<Integer> expected =
          there == null ? List.of(202) : there == There.YES ? List.of(201) : List.of(201, 202);
      assertThat(answer.status()).as("%s: %s", blob, answer).isIn(expected);
      if (answer.status() == 201) {
        repository.blobs.put(blob, There.YES);
      }
      return "mount %s of %s to %s: %s".formatted(blob, from.name, repository.name, answer);
    }

    private String upload(Repository repository, byte[] blob) throws Exception {
      Digest digest = Digest.of(blob);
      V2Pusher here = pusher(repository);
      V2Pusher there = pusher(repository);
      String shape =
          switch (random.nextInt(5)) {
            case 0 -> {
              assertThat(here.post("blobs/uploads/?digest=" + digest, blob).status())
                  .isEqualTo(201);
              yield "at once";
            }
            case 1 -> {
              assertThat(there.finish(here.begin(), blob, digest).status()).isEqualTo(201);
              yield "whole";
            }
            case 2 -> {
              String location = here.begin();
              int size = blob.length / 3 + 1 + random.nextInt(blob.length);
              for (int from = 0; from < blob.length; from += size) {
                byte[] part = Arrays.copyOfRange(blob, from, Math.min(from + size, blob.length));
                assertThat(pusher(repository).patch(location, part).status()).isEqualTo(202);
              }
              assertThat(there.finish(location, new byte[0], digest).status()).isEqualTo(201);
              yield "in parts";
            }
            case 3 -> {
              Together.run(
                  Stream.of(here, there, here, there)
                      .<Together.Task>map(
                          pusher -> () -> assertThat(pusher.blob(blob)).isEqualTo(digest))
                      .toList());
              yield "four times at once";
            }
            default -> {
              cut(here, there, blob);
              yield "after it was cut";
            }
          };
      repository.blobs.put(digest, There.YES);
      return "upload %s to %s %s".formatted(digest, repository.name, shape);
    }

    private void cut(V2Pusher here, V2Pusher there, byte[] blob) throws IOException {
      int size = random.nextInt(blob.length);
      String location = here.begin();
      try (RawConnection connection = new RawConnection(servers[random.nextInt(2)].port())) {
        connection.send(
            "PATCH %s HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n"
                .formatted(location, blob.length));
        connection.out().write(blob, 0, size);
        connection.out().flush();
        connection.halfClose();
        assertThat(connection.readAll()).startsWith("HTTP/1.1 400");
      }
      assertThat(there.finish(location, blob, Digest.of(blob)).status()).isEqualTo(201);
    }

    private String wrongUpload(Repository repository) {
      byte[] other = "other bytes".getBytes(UTF_8);
      Digest digest = any(List.copyOf(contents.keySet()));
      V2Pusher pusher = pusher(repository);
      Answer answer =
          random.nextBoolean()
              ? pusher.post("blobs/uploads/?digest=" + digest, other)
              : pusher(repository).finish(pusher.begin(), other, digest);
      assertThat(answer.status()).isEqualTo(400);
      return "wrong upload of %s to %s".formatted(digest, repository.name);
    }

    /** The repository is what the model says, whichever server and protocol one asks. */
    private void check(Repository repository) {
      String name = repository.name;
      for (Pushed manifest : manifests) {
        Answer answer = pusher(repository).get("manifests/" + manifest.digest());
        assertThere(
            manifest.name(), repository.manifests.get(manifest), manifest.bytes(), answer, name);
      }
      for (int i = 0; i < 4; i++) {
        Digest blob = any(List.copyOf(contents.keySet()));
        Answer answer = pusher(repository).get("blobs/" + blob);
        assertThere("blob " + blob, repository.blobs.get(blob), contents.get(blob), answer, name);
      }
      for (String tag : TAGS) {
        checkTag(repository, tag);
      }
      checkLists(repository);
      Pushed subject = manifests.get(random.nextInt(2));
      assertThat(referrers(repository, subject))
          .as("referrers of %s in %s", subject.name(), name)
          .isEqualTo(
              repository.manifests.keySet().stream()
                  .filter(each -> each.subject().equals(Optional.of(subject.digest())))
                  .map(each -> each.digest().toString())
                  .collect(Collectors.toSet()));
    }

    private static void assertThere(
        String what,
        @Nullable There there,
        byte @Nullable [] bytes,
        Answer answer,
        String repository) {
      List<Integer> statuses =
          there == null ? List.of(404) : there == There.YES ? List.of(200) : List.of(200, 404);
      assertThat(answer.status()).as("%s in %s: %s", what, repository, there).isIn(statuses);
      if (answer.status() == 200) {
        assertThat(answer.bytes()).as("%s in %s", what, repository).isEqualTo(bytes);
      }
    }

    private void checkTag(Repository repository, String tag) {
      Answer manifest = pusher(repository).get("manifests/" + tag);
      Answer v1 = client().get(repository.tag(tag));
      String what = "tag %s of %s: %s, %s".formatted(tag, repository.name, manifest, v1);
      Optional<Tagged> tagged = Optional.ofNullable(repository.tags.get(tag));
      assertThat(manifest.status()).as(what).isEqualTo(tagged.isPresent() ? 200 : 404);
      Optional<V2Image> image = tagged.flatMap(Tagged::image);
      assertThat(v1.status()).as(what).isEqualTo(image.isPresent() ? 200 : 404);
      image.ifPresent(found -> assertThat(v1.text()).as(what).isEqualTo('"' + found.id() + '"'));
      Optional<Pushed> pushed = tagged.flatMap(Tagged::pushed);
      if (pushed.isPresent()) {
        assertThat(manifest.bytes()).as(what).isEqualTo(pushed.get().bytes());
      } else if (image.isPresent()) {
        assertThat(isOf(image.get(), manifest)).as(what).isTrue();
      }
      if (image.isPresent()) {
        int layer = random.nextInt(image.get().tars().size());
        TestImage each = image.get().chain().get(layer);
        assertThat(client().get(each.path("json")).bytes()).isEqualTo(each.json());
        assertThat(client().get(each.path("layer")).bytes())
            .isIn(image.get().tars().get(layer), image.get().packed().get(layer));
      }
    }

    // One of those that clients have pushed, or one that was made of the V1 image.
    private boolean isOf(V2Image image, Answer manifest) {
      return manifest.text().contains("\"io.registry.v1.id\": \"" + image.id() + '"')
          || manifests.stream()
              .filter(each -> each.image().equals(Optional.of(image)))
              .anyMatch(each -> Arrays.equals(each.bytes(), manifest.bytes()));
    }

    private void checkLists(Repository repository) {
      Answer all = pusher(repository).get("tags/list");
      Set<String> listed = new HashSet<>();
      if (all.status() != 404) {
        CODEC
            .parse(all.bytes())
            .orElseThrow()
            .path("tags")
            .forEach(tag -> listed.add(tag.asString("")));
      }
      assertThat(listed).as("tags of %s", repository.name).isEqualTo(repository.tags.keySet());
      Answer v1 = client().get(repository.tag("").replaceFirst("/$", ""));
      Map<String, String> shown = new TreeMap<>();
      if (v1.status() != 404) {
        CODEC
            .parse(v1.bytes())
            .orElseThrow()
            .properties()
            .forEach(tag -> shown.put(tag.getKey(), tag.getValue().asString("")));
      }
      Map<String, String> expected = new TreeMap<>();
      repository.tags.forEach(
          (tag, tagged) -> tagged.image().ifPresent(image -> expected.put(tag, image.id())));
      assertThat(shown).as("V1 tags of %s", repository.name).isEqualTo(expected);
    }

    private Set<String> referrers(Repository repository, Pushed subject) {
      Answer answer = pusher(repository).get("referrers/" + subject.digest());
      if (answer.status() == 404) {
        return Set.of();
      }
      return CODEC
          .parse(answer.bytes())
          .orElseThrow()
          .path("manifests")
          .valueStream()
          .map(each -> each.path("digest").asString(""))
          .collect(Collectors.toSet());
    }
  }
}
