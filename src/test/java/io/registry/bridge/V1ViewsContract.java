package io.registry.bridge;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.registry.content.files.ContentsProperties;
import io.registry.content.files.LayerScanner;
import io.registry.content.image.Checksum;
import io.registry.content.image.ImageDescriptor;
import io.registry.content.image.ImageId;
import io.registry.content.image.ImagePushed;
import io.registry.content.image.ImageUploads;
import io.registry.content.image.LayerPointers;
import io.registry.content.image.PushRights;
import io.registry.content.image.PushRule;
import io.registry.content.image.Pusher;
import io.registry.content.image.StoredImages;
import io.registry.content.image.UploadProperties;
import io.registry.content.manifest.Digest;
import io.registry.platform.json.JsonCodec;
import io.registry.platform.problem.Problem;
import io.registry.platform.problem.RegistryException;
import io.registry.storage.Blob;
import io.registry.storage.BlobKey;
import io.registry.storage.BlobStorage;
import io.registry.storage.ByteRange;
import io.registry.storage.StorageException;
import io.registry.storage.StorageException.Reason;
import io.registry.testkit.BrokenStorage;
import io.registry.testkit.BrokenStorage.Outcome;
import io.registry.testkit.BrokenStorage.Verb;
import io.registry.testkit.TestImage;
import io.registry.testkit.TestLayer;
import io.registry.testkit.TestPush;
import io.registry.testkit.TestPush.Layer;
import io.registry.testkit.Together;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.util.unit.DataSize;

/** What is verified before a pushed image gets V1 images, and what is left when that breaks off. */
abstract class V1ViewsContract {
  private static final JsonCodec CODEC = new JsonCodec();
  private static final Layer BASE = Layer.gzip("base");
  private static final Layer MIDDLE = Layer.zstd(TestLayer.of("middle/", "middle/file"));
  private static final Layer TOP = Layer.plain(TestLayer.of("top"));

  private final Opened opened;
  private final BlobStorage bare;
  private final BrokenStorage broken;
  private final List<ImageId> announced = Collections.synchronizedList(new ArrayList<>());
  private final List<ImageId> completed = Collections.synchronizedList(new ArrayList<>());
  private final ExecutorService executor = Executors.newFixedThreadPool(2);
  private final Pusher pusher = pusher(PushRights.OPEN);
  private final StoredImages images;

  /** A store that is open, and what closes it. */
  record Opened(BlobStorage storage, AutoCloseable resource) {}

  V1ViewsContract(Opened opened) {
    this.opened = opened;
    this.bare = opened.storage();
    this.broken = new BrokenStorage(bare);
    this.images = new StoredImages(new LayerPointers(bare), CODEC);
  }

  /** The name of the file that is the layer of an image and shares the bytes of a blob. */
  abstract String shared();

  @AfterEach
  void stop() throws Exception {
    // Other layers may still be read when one is refused.
    executor.shutdown();
    assertThat(executor.awaitTermination(1, TimeUnit.MINUTES)).isTrue();
    opened.resource().close();
    assertThat(broken.openBlobs()).isZero();
  }

  /** A process of its own on the store. */
  private final class OwnProcess {
    private final ImageUploads uploads;
    private final LayerDigests digests;
    private final V1Views views;

    OwnProcess(BlobStorage store, PushRule rule) {
      this(store, rule, UploadProperties.DEFAULTS);
    }

    OwnProcess(BlobStorage store, PushRule rule, UploadProperties limits) {
      BlobStorage storage = new LayerPointers(store);
      LayerScanner scanner =
          new LayerScanner(
              Clock.systemUTC(),
              new ContentsProperties.Limits(
                  1_000,
                  DataSize.ofKilobytes(4),
                  DataSize.ofMegabytes(1),
                  DataSize.ofMegabytes(1),
                  250,
                  Duration.ofMinutes(1),
                  DataSize.ofMegabytes(80)));
      DerivedStore derived = new DerivedStore(storage);
      uploads =
          new ImageUploads(
              storage, CODEC, id -> {}, event -> note(event), rule, limits, Clock.systemUTC());
      digests =
          new LayerDigests(
              new StoredImages(storage, CODEC),
              derived,
              scanner,
              ArrivedLayers.NONE,
              CODEC,
              executor,
              LayerDigests.REMEMBERED);
      views =
          new V1Views(
              storage, uploads.verified(), digests, derived, scanner, CODEC, executor, executor);
    }

    V1View publish(TestPush push) {
      return views.publish(V1Chain.of(push.image()), TestPush::key, pusher, () -> {});
    }
  }

  private void note(ImagePushed event) {
    announced.add(event.image());
  }

  private OwnProcess process() {
    return new OwnProcess(broken, PushRule.NONE);
  }

  private Pusher pusher(PushRights rights) {
    return new Pusher(
        "somebody",
        "somebody",
        new PushRights() {
          @Override
          public boolean isOpen() {
            return rights.isOpen();
          }

          @Override
          public boolean mayRead(ImageId image) {
            return rights.mayRead(image);
          }

          @Override
          public boolean mayBuildOn(ImageId parent) {
            return rights.mayBuildOn(parent);
          }

          @Override
          public void completed(ImageId image) {
            completed.add(image);
          }
        });
  }

  private TestPush push(String name, Layer... layers) {
    return TestPush.of(name, layers).storeIn(bare);
  }

  @Test
  void eachLayerBecomesAnImage() {
    TestPush push = push("three", BASE, MIDDLE, TOP);

    V1View planned = process().views.plan(V1Chain.of(push.image()));
    List<String> opened = Collections.synchronizedList(new ArrayList<>());
    broken.fail(
        Reason.BROKEN,
        (number, verb, key) -> {
          if (verb == Verb.OPEN && isOfLayer(key)) {
            opened.add(key.path());
          }
          return Outcome.DONE;
        });
    V1View view = process().publish(push);

    assertThat(view).isEqualTo(planned);
    assertThat(view.refusal()).isEmpty();
    assertThat(view.top()).hasValue(new ImageId(Digest.of(push.image().config()).hex()));
    assertThat(view.chain().get(0).value()).isEqualTo(BASE.diffId().hex());
    assertThat(announced).isEqualTo(view.chain());
    assertThat(completed).isEqualTo(view.chain());
    assertComplete(push, BASE.stored(), MIDDLE.tar(), TOP.stored());
    assertThat(folders("_staging")).isEmpty();
    // What is unpacked is read once more for that.
    assertThat(opened)
        .containsExactlyInAnyOrder(
            BASE.key().path(), MIDDLE.key().path(), MIDDLE.key().path(), TOP.key().path());
  }

  private static boolean isOfLayer(BlobKey key) {
    return key.path().matches("_oci/blobs/.*|images/.*/layer");
  }

  private void assertComplete(TestPush push, byte[]... layers) {
    List<V1Chain.Link> chain = V1Chain.of(push.image()).links();
    for (int i = 0; i < layers.length; i++) {
      V1Chain.Link link = chain.get(i);
      ImageDescriptor image = images.describe(link.id());
      assertThat(image.json()).isEqualTo(link.json());
      assertThat(images.ancestry(link.id())).isEqualTo(link.ancestry());
      TestImage expected = new TestImage(link.id().value(), link.json(), layers[i]);
      assertThat(image.checksums()).containsExactly(new Checksum(expected.checksum()));
      assertThat(image.layer().orElseThrow().size()).isEqualTo(layers[i].length);
      try (Blob layer = images.layer(link.id(), ByteRange.ALL)) {
        assertThat(layer.body().readAllBytes()).isEqualTo(layers[i]);
      } catch (IOException e) {
        throw new AssertionError(e);
      }
    }
  }

  private List<String> folders(String root) {
    try (Stream<String> folders = bare.folders(new BlobKey(root))) {
      return folders.toList();
    }
  }

  private List<String> names(BlobKey folder) {
    try (Stream<String> names = bare.names(folder)) {
      return names.toList();
    }
  }

  @Test
  void theLayersShareTheBytesOfTheBlobs() {
    process().publish(push("one", BASE, TOP));
    TestPush other = push("other", BASE, MIDDLE);

    V1View view = process().publish(other);

    assertThat(names(folder(view, 0)))
        .containsExactlyInAnyOrder("json", "ancestry", "_checksum", shared());
    assertThat(names(folder(view, 1)))
        .containsExactlyInAnyOrder("json", "ancestry", "_checksum", "layer");
    assertThat(images.layerInfo(view.chain().get(0)))
        .isEqualTo(bare.stat(BASE.key()).orElseThrow());
    assertComplete(other, BASE.stored(), MIDDLE.tar());
    assertThat(announced).doesNotHaveDuplicates().hasSize(3);
  }

  private static BlobKey folder(V1View view, int image) {
    return BlobKey.of("images", view.chain().get(image).value());
  }

  @Test
  void theSameLayerTwiceIsTwoImages() {
    TestPush push = push("twice", BASE, BASE, BASE);

    V1View view = process().publish(push);

    assertThat(view.chain()).hasSize(3).doesNotHaveDuplicates();
    assertComplete(push, BASE.stored(), BASE.stored(), BASE.stored());
  }

  @Test
  void anImageWithoutLayersGetsDockersEmptyLayer() {
    TestPush push = push("empty");

    V1View view = process().publish(push);

    assertThat(view.chain()).hasSize(1);
    assertComplete(push, LayerFacts.emptyLayer());
    assertThat(process().publish(push)).isEqualTo(view);
  }

  @Test
  void aLayerWithoutBytesIsKeptAsItIs() {
    TestPush push = push("nothing", Layer.plain(new byte[0]), BASE);

    assertThat(process().publish(push).refusal()).isEmpty();

    assertComplete(push, new byte[0], BASE.stored());
  }

  @Test
  void whatIsKnownOfTheLayersIsKnownWithoutAnotherPass() {
    OwnProcess process = process();
    TestPush push = push("known", BASE, MIDDLE, TOP);
    V1View view = process.publish(push);
    failLayers();

    assertThat(digest(process, view, 0)).isEqualTo(BASE.digest());
    assertThat(digest(process(), view, 0)).isEqualTo(BASE.digest());
    assertThat(digest(process(), view, 1)).isEqualTo(MIDDLE.diffId());
    assertThat(digest(process(), view, 2)).isEqualTo(TOP.digest());
  }

  // From now on a layer cannot be read, as a blob or as that of an image.
  private void failLayers() {
    broken.fail(
        Reason.BROKEN,
        (number, verb, key) -> verb == Verb.OPEN && isOfLayer(key) ? Outcome.FAILED : Outcome.DONE);
  }

  private static Digest digest(OwnProcess process, V1View view, int layer) {
    return process.digests.known(view.chain().get(layer)).orElseThrow().descriptor().digest();
  }

  @Test
  void aSecondPushReadsNoLayerAndWritesNothing() {
    TestPush push = push("again", BASE, MIDDLE, TOP);
    V1View view = process().publish(push);
    announced.clear();
    completed.clear();
    failLayers();
    assertThat(process().publish(push)).isEqualTo(view);
    broken.fail(
        Reason.BROKEN,
        (number, verb, key) ->
            verb == Verb.CREATE || verb == Verb.LINK ? Outcome.FAILED : Outcome.DONE);
    assertThat(process().publish(push)).isEqualTo(view);

    assertThat(announced).isEmpty();
    assertThat(completed).containsAll(view.chain());
  }

  @Test
  void anotherPackingOfALayerIsVerifiedOnce() {
    process().publish(push("one", BASE, TOP));
    TestPush packed = push("other", Layer.gzip(BASE.tar(), 7), TOP);

    V1View view = process().publish(packed);
    assertThat(view.refusal()).isEmpty();
    assertComplete(packed, BASE.stored(), TOP.stored());

    failLayers();
    assertThat(process().publish(packed)).isEqualTo(view);
  }

  /** Otherwise an image that a client may not read would be his for its hash. */
  @Test
  void anImageThatExistsProvesNothingOfWhatWasPushed() {
    V1View owned = process().publish(push("owned", BASE, TOP));
    completed.clear();
    Layer other = Layer.gzip("other");

    V1View view =
        process()
            .publish(
                TestPush.claiming("thief", List.of(BASE.diffId(), other.diffId()), other, other)
                    .storeIn(bare));

    assertThat(view.chain()).isEmpty();
    assertThat(view.refusal()).contains(other.diffId().toString(), BASE.diffId().toString());
    assertThat(completed).isEmpty();
    assertThat(owned.chain()).hasSize(2);
  }

  @Test
  void aLayerThatIsNotWhatTheConfigurationSaysHasNoView() {
    TestPush push =
        TestPush.claiming(
                "wrong", List.of(BASE.diffId(), TOP.diffId(), TOP.diffId()), BASE, MIDDLE, TOP)
            .storeIn(bare);

    V1View view = process().publish(push);

    assertThat(view.chain()).isEmpty();
    assertThat(view.refusal())
        .startsWith("Layer 2 (" + MIDDLE.digest() + ")")
        .contains(MIDDLE.diffId().toString());
    assertNoImages();
  }

  private void assertNoImages() {
    assertThat(announced).isEmpty();
    assertThat(completed).isEmpty();
    assertThat(folders("images")).isEmpty();
    assertThat(folders("_staging")).isEmpty();
  }

  @Test
  void aLayerThatCannotBeUnpackedHasNoView() {
    byte[] cut = new byte[BASE.stored().length / 2];
    System.arraycopy(BASE.stored(), 0, cut, 0, cut.length);
    Layer truncated = new Layer(cut, BASE.tar(), BASE.mediaType());

    assertThat(process().publish(push("cut", truncated)).refusal()).contains("cannot be unpacked");
    assertNoImages();
  }

  @Test
  void aBombHasNoView() {
    byte[] large = TestLayer.empty().file("zeros", 2_000_000).bytes();

    for (Layer bomb : List.of(Layer.gzip(large, 1), Layer.zstd(large))) {
      assertThat(process().publish(push("bomb", bomb)).refusal()).contains("more than 1048576");
    }
    assertNoImages();
  }

  @Test
  void whatIsNoTarHasNoView() {
    Layer text = Layer.plain("no tar, but long enough for one".repeat(100).getBytes(UTF_8));

    assertThat(process().publish(push("text", text)).refusal()).contains("cannot be unpacked");
    assertNoImages();
  }

  @Test
  void aConfigurationThatV1CannotHoldHasNoView() {
    PushedImage image = push("deep").image();
    String deep = "{\"x\":" + "[".repeat(200) + "]".repeat(200) + ",\"rootfs\":{}}";

    V1View view =
        process()
            .views
            .publish(
                V1Chain.of(new PushedImage(image.configType(), deep.getBytes(UTF_8), List.of())),
                TestPush::key,
                pusher,
                () -> {});

    assertThat(view.refusal()).startsWith("V1 cannot express the configuration");
    assertNoImages();
  }

  @Test
  void aBlobWithDamagedBytesIsAFailureOfTheStore() {
    TestPush push = push("damaged", BASE, TOP);
    bare.write(BASE.key(), Layer.gzip("other").stored());

    assertThatExceptionOfType(StorageException.class)
        .isThrownBy(() -> process().publish(push))
        .withMessageContaining(BASE.digest().hex());
    assertNoImages();
  }

  @Test
  void aBlobThatIsGoneIsAskedForAgain() {
    TestPush push = push("gone", BASE, TOP);
    bare.delete(BASE.key());

    assertThatExceptionOfType(RegistryException.class)
        .isThrownBy(() -> process().publish(push))
        .satisfies(e -> assertThat(e.problem()).isEqualTo(Problem.UNAVAILABLE));
    assertNoImages();
  }

  @Test
  void aBlobThatVanishesBeforeItsImageIsPublishedIsAskedForAgain() {
    TestPush push = push("gone", BASE, TOP);
    broken.fail(
        Reason.BROKEN,
        (number, verb, key) -> {
          if (verb == Verb.LINK) {
            bare.delete(BASE.key());
          }
          return Outcome.DONE;
        });

    assertThatExceptionOfType(RegistryException.class)
        .isThrownBy(() -> process().publish(push))
        .satisfies(e -> assertThat(e.problem()).isEqualTo(Problem.UNAVAILABLE));
    assertNoImages();
  }

  @Test
  void anotherImageOfTheSameIdStays() {
    TestPush push = push("taken", BASE, TOP);
    V1Chain.Link base = V1Chain.of(push.image()).links().get(0);
    byte[] layer = Layer.gzip("something else").stored();
    pushOverV1(new TestImage(base.id().value(), base.json(), layer));
    completed.clear();

    V1View view = process().publish(push);

    assertThat(view.refusal()).startsWith("Another image has the id " + base.id());
    assertComplete(push, layer);
    assertThat(completed).isEmpty();
    assertThat(folders("images")).hasSize(1);
  }

  @Test
  void anotherDescriptionOfTheSameIdStays() {
    TestPush push = push("taken", BASE, TOP);
    V1Chain.Link base = V1Chain.of(push.image()).links().get(0);
    String json = "{\"id\":\"%s\",\"parent\":\"%s\"}".formatted(base.id(), "1".repeat(64));
    pushOverV1(new TestImage("1".repeat(64), idOnly("1".repeat(64)), BASE.stored()));
    pushOverV1(new TestImage(base.id().value(), json.getBytes(UTF_8), BASE.stored()));
    completed.clear();

    assertThat(process().publish(push).refusal()).contains("Another image has this id");

    assertThat(new String(images.describe(base.id()).json(), UTF_8)).isEqualTo(json);
    assertThat(completed).isEmpty();
  }

  private static byte[] idOnly(String id) {
    return "{\"id\":\"%s\"}".formatted(id).getBytes(UTF_8);
  }

  @Test
  void theSameImagePushedOverV1IsTakenAsItIs() {
    TestPush push = push("both", BASE, MIDDLE, TOP);
    V1Chain.Link base = V1Chain.of(push.image()).links().get(0);
    // A daemon that has pulled it fills in the fields that it knows.
    String json = "{\"id\":\"%s\",\"created\":\"0001-01-01T00:00:00Z\"}".formatted(base.id());
    byte[] layer = Layer.gzip(BASE.tar(), 5).stored();
    pushOverV1(new TestImage(base.id().value(), json.getBytes(UTF_8), layer));

    V1View view = process().publish(push);

    assertThat(view.refusal()).isEmpty();
    assertThat(new String(images.describe(base.id()).json(), UTF_8)).isEqualTo(json);
    assertThat(images.layerInfo(base.id()).size()).isEqualTo(layer.length);
    assertThat(completed).containsAll(view.chain());
  }

  private void pushOverV1(TestImage image) {
    ImageUploads uploads = process().uploads;
    ImageId id = new ImageId(image.id());
    uploads.begin(id, image.json(), pusher);
    uploads.receiveLayer(id, new ByteArrayInputStream(image.layer()), pusher);
    uploads.finish(id, new Checksum(image.checksum()), pusher);
  }

  @Test
  void anImageThatHasLostItsLayerGetsItBackFromAReaderOnly() {
    TestPush push = push("lost", BASE, TOP);
    process().publish(push);
    ImageId base = V1Chain.of(push.image()).links().get(0).id();
    new LayerPointers(bare).delete(BlobKey.of("images", base.value(), "layer"));
    completed.clear();

    V1View stranger =
        process()
            .views
            .publish(V1Chain.of(push.image()), TestPush::key, pusher(new Account(false)), () -> {});
    assertThat(stranger.refusal()).contains("lost");
    assertThat(completed).isEmpty();
    V1View reader =
        process()
            .views
            .publish(V1Chain.of(push.image()), TestPush::key, pusher(new Account(true)), () -> {});

    assertThat(reader.refusal()).isEmpty();
    assertComplete(push, BASE.stored(), TOP.stored());
  }

  private record Account(boolean reads) implements PushRights {
    @Override
    public boolean isOpen() {
      return false;
    }

    @Override
    public boolean mayRead(ImageId image) {
      return reads;
    }

    @Override
    public boolean mayBuildOn(ImageId parent) {
      return reads;
    }

    @Override
    public void completed(ImageId image) {}
  }

  @Test
  void aRuleMayRefuseAnImage() {
    TestPush push = push("vetoed", BASE, TOP);
    ImageId top = V1Chain.of(push.image()).links().get(1).id();
    PushRule rule =
        (id, json, client) -> {
          if (id.equals(top)) {
            throw new RegistryException(Problem.FORBIDDEN, "not this one");
          }
        };

    assertThatThrownBy(() -> new OwnProcess(broken, rule).publish(push)).hasMessage("not this one");

    assertComplete(push, BASE.stored());
    assertThat(folders("images")).hasSize(1);
    assertThat(folders("_staging")).isEmpty();
  }

  @Test
  void manyClientsMayPushTheSameImage() throws Exception {
    TestPush push = push("many", BASE, MIDDLE, TOP);
    List<V1View> views = Collections.synchronizedList(new ArrayList<>());

    Together.run(
        Stream.generate(
                () -> {
                  OwnProcess process = process();
                  return (Together.Task) () -> views.add(process.publish(push));
                })
            .limit(6)
            .toList());

    assertThat(views).hasSize(6).containsOnly(process().views.plan(V1Chain.of(push.image())));
    assertComplete(push, BASE.stored(), MIDDLE.tar(), TOP.stored());
    assertThat(folders("_staging")).isEmpty();
  }

  @Test
  void whatADeadProcessHasClaimedIsPublishedByTheSweep() {
    TestPush push = push("claimed", BASE);
    broken.fail(Reason.BROKEN, Verb.COPY, "json");
    // A store that moves folders has no claims.
    Optional<V1View> view = attempt(push);
    broken.heal();
    assertThat(view.isPresent()).isEqualTo(shared().equals("layer"));

    UploadProperties usual = UploadProperties.DEFAULTS;
    UploadProperties impatient =
        new UploadProperties(
            Duration.ofSeconds(-1),
            usual.sweepInterval(),
            usual.perClient(),
            usual.total(),
            usual.bytesPerClient(),
            usual.bytesTotal());
    new OwnProcess(broken, PushRule.NONE, impatient).uploads.sweep().run();

    assertComplete(push, BASE.stored());
    assertThat(folders("_staging")).isEmpty();
  }

  /** How a process ends in the middle of its work. */
  private enum End {
    /** The store fails once, without having done what it was asked for. */
    FAILED,
    /** The store fails once, but has done it. */
    DONE_BUT_FAILED,
    /** Nothing is done from then on. */
    KILLED
  }

  @ParameterizedTest
  @EnumSource(End.class)
  void whereverItBreaksOffNothingIsHalfVisible(End end) {
    TestPush push = push("broken", BASE, MIDDLE);
    List<ImageId> ids = V1Chain.of(push.image()).links().stream().map(V1Chain.Link::id).toList();
    for (int step = 1, asked = 1; step <= asked; step++) {
      int last = step;
      broken.fail(
          Reason.BROKEN,
          (number, verb, key) ->
              number == last || (number > last && end == End.KILLED)
                  ? end == End.DONE_BUT_FAILED ? Outcome.DONE_BUT_FAILED : Outcome.FAILED
                  : Outcome.DONE);
      Optional<V1View> view = attempt(push);
      asked = broken.operations();
      broken.heal();
      if (view.isPresent()) {
        // What failed was of no importance.
        assertThat(view.get().chain()).isEqualTo(ids);
        assertComplete(push, BASE.stored(), MIDDLE.tar());
      }
      assertAbsentOrComplete(push, ids);
      // Another process goes on.
      assertThat(process().publish(push).chain()).isEqualTo(ids);
      assertComplete(push, BASE.stored(), MIDDLE.tar());
      clear();
      push.storeIn(bare);
    }
  }

  private Optional<V1View> attempt(TestPush push) {
    try {
      return Optional.of(process().publish(push));
    } catch (StorageException e) {
      return Optional.empty();
    }
  }

  private void assertAbsentOrComplete(TestPush push, List<ImageId> ids) {
    int visible = 0;
    for (ImageId id : ids) {
      try {
        images.describe(id);
        visible++;
      } catch (RegistryException e) {
        assertThat(e.problem()).isEqualTo(Problem.NOT_FOUND);
        break;
      }
    }
    byte[][] layers = {BASE.stored(), MIDDLE.tar()};
    assertComplete(push, Arrays.copyOf(layers, visible));
    for (ImageId id : ids.subList(visible, ids.size())) {
      assertThatExceptionOfType(RegistryException.class).isThrownBy(() -> images.layerInfo(id));
      assertThatExceptionOfType(RegistryException.class).isThrownBy(() -> images.ancestry(id));
    }
  }

  private void clear() {
    for (String root : List.of("images", "_staging", "_v2", "_oci")) {
      clear(BlobKey.of(root));
    }
  }

  private void clear(BlobKey folder) {
    names(folder).stream().map(folder::child).forEach(bare::delete);
    folders(folder.path()).stream().map(folder::child).forEach(this::clear);
  }
}
