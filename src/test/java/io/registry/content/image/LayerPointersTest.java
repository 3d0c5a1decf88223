package io.registry.content.image;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.registry.storage.Blob;
import io.registry.storage.BlobContent;
import io.registry.storage.BlobEntry;
import io.registry.storage.BlobInfo;
import io.registry.storage.BlobKey;
import io.registry.storage.BlobStorage;
import io.registry.storage.BlobStorageContract;
import io.registry.storage.BlobWriter;
import io.registry.storage.ByteRange;
import io.registry.storage.LinkResult;
import io.registry.storage.UnsatisfiableRangeException;
import io.registry.testkit.BrokenStorage;
import io.registry.testkit.InMemoryBlobStorage;
import java.io.IOException;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Layers that share the bytes of other blobs in a store that cannot link. */
class LayerPointersTest extends BlobStorageContract {
  private static final BlobKey BLOB = BlobKey.of("_oci", "blobs", "sha256", "ab", "abc");
  private static final BlobKey FOLDER = BlobKey.of("images", "pointed");
  private static final BlobKey LAYER = FOLDER.child("layer");
  private static final BlobKey POINTER = FOLDER.child("_layer");
  private static final byte[] BYTES = random(100);

  private final InMemoryBlobStorage bare = new InMemoryBlobStorage();
  private final BrokenStorage counted = new BrokenStorage(bare);
  private final LayerPointers storage = new LayerPointers(counted);

  @Override
  protected BlobStorage storage() {
    return storage;
  }

  @Override
  protected boolean linksBlobs(BlobKey second) {
    return second.path().endsWith("/layer");
  }

  private void point() {
    bare.write(BLOB, BYTES);
    assertThat(storage.link(BLOB, LAYER)).isEqualTo(LinkResult.LINKED);
  }

  @Test
  void aLinkIsASmallFileThatNamesTheBlob() {
    point();

    assertThat(bare.read(POINTER, 100)).hasValue(BLOB.path().getBytes(UTF_8));
    assertThat(bare.exists(LAYER)).isFalse();
    assertThat(storage.target(LAYER)).hasValue(BLOB);
    assertThat(storage.isFile(LAYER)).isFalse();
  }

  @Test
  void itIsReadAsTheLayer() throws IOException {
    point();
    BlobInfo blob = bare.stat(BLOB).orElseThrow();

    assertThat(storage.read(LAYER, 100)).hasValue(BYTES);
    assertThat(storage.load(LAYER, 100).map(BlobContent::version)).hasValue(blob.version());
    assertThat(storage.stat(LAYER)).hasValue(blob);
    assertThat(storage.stat(LAYER).orElseThrow().size()).isEqualTo(BYTES.length);
    assertThat(storage.exists(LAYER)).isTrue();
    assertThatExceptionOfType(UnsatisfiableRangeException.class)
        .isThrownBy(() -> storage.open(LAYER, new ByteRange(100, 200)));
    try (Blob part = storage.open(LAYER, new ByteRange(1, 2)).orElseThrow()) {
      assertThat(part.body().readAllBytes()).containsExactly(BYTES[1], BYTES[2]);
      assertThat(part.version()).isEqualTo(blob.version());
    }
  }

  @Test
  void itIsListedAsTheLayer() {
    bare.write(FOLDER.child("json"), new byte[1]);
    point();
    BlobInfo blob = bare.stat(BLOB).orElseThrow();

    assertThat(list(FOLDER)).containsExactlyInAnyOrder("json", "layer");
    assertThat(entries()).hasSize(2);
    assertThat(entries())
        .filteredOn(entry -> entry.name().equals("layer"))
        .singleElement()
        .satisfies(entry -> assertThat(entry.info()).isEqualTo(blob));
  }

  private List<BlobEntry> entries() {
    try (Stream<BlobEntry> entries = storage.list(FOLDER)) {
      return entries.toList();
    }
  }

  @Test
  void whenTheBlobIsLostTheLayerIsToo() {
    point();
    bare.delete(BLOB);

    assertThat(storage.exists(LAYER)).isFalse();
    assertThat(storage.stat(LAYER)).isEmpty();
    assertThat(entries()).isEmpty();
    assertThat(storage.writeIfAbsent(LAYER, new byte[] {1})).isTrue();
    assertThat(storage.read(LAYER, 1)).hasValue(new byte[] {1});
    assertThat(entries()).singleElement().matches(entry -> entry.info().size() == 1);
  }

  @Test
  void aPointerCountsAsALayerThatIsThere() {
    point();

    assertThat(storage.writeIfAbsent(LAYER, new byte[] {1})).isFalse();
    try (BlobWriter writer = storage.createIfAbsent(LAYER)) {
      writer.write(1);
      assertThat(writer.commit()).isFalse();
    }
    bare.write(BlobKey.of("other"), new byte[] {2});
    assertThat(storage.link(BlobKey.of("other"), LAYER)).isEqualTo(LinkResult.LINKED);

    assertThat(storage.read(LAYER, 100)).hasValue(BYTES);
  }

  @Test
  void aLayerThatIsAFileTakesPrecedence() {
    point();
    storage.write(LAYER, new byte[] {1});

    assertThat(storage.read(LAYER, 100)).hasValue(new byte[] {1});
    assertThat(storage.stat(LAYER).orElseThrow().size()).isEqualTo(1);
    assertThat(list(FOLDER)).containsExactly("layer");
    assertThat(entries()).singleElement().matches(entry -> entry.info().size() == 1);
  }

  @Test
  void theCopyOfAPointerIsAPointerAndReplacesALayer() {
    point();
    BlobKey copy = BlobKey.of("images", "copy", "layer");
    bare.write(copy, new byte[] {1});

    assertThat(storage.copy(LAYER, copy)).isTrue();

    assertThat(storage.target(copy)).hasValue(BLOB);
    assertThat(storage.read(copy, 100)).hasValue(BYTES);
    assertThat(bare.exists(copy)).isFalse();
    assertThat(storage.link(copy, BlobKey.of("images", "third", "layer")))
        .isEqualTo(LinkResult.LINKED);
    assertThat(storage.target(BlobKey.of("images", "third", "layer"))).hasValue(BLOB);
    bare.delete(BLOB);
    assertThat(storage.copy(LAYER, copy)).isFalse();
  }

  @Test
  void aCopyUnderAnotherNameHasTheBytes() {
    point();
    BlobKey copy = FOLDER.child("_damaged_layer_1");

    assertThat(storage.copy(LAYER, copy)).isTrue();

    assertThat(bare.read(copy, 100)).hasValue(BYTES);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void aDeletionLeavesNoPointerAndKeepsTheBlob(int how) {
    point();

    switch (how) {
      case 0 -> storage.delete(LAYER);
      case 1 -> storage.deleteAll(List.of(BlobKey.of("absent"), LAYER));
      default -> storage.deleteAllUnsynced(List.of(LAYER));
    }

    assertThat(bare.exists(POINTER)).isFalse();
    assertThat(storage.exists(LAYER)).isFalse();
    assertThat(bare.read(BLOB, 100)).hasValue(BYTES);
  }

  @Test
  void whatIsNoLayerOfAnImageIsLeftAlone() {
    point();
    BlobKey elsewhere = BlobKey.of("_v2", "images", "ab", "abc");
    bare.write(elsewhere.child("_layer"), BLOB.path().getBytes(UTF_8));

    assertThat(storage.exists(elsewhere.child("layer"))).isFalse();
    assertThat(list(elsewhere)).containsExactly("_layer");
    assertThat(storage.link(BLOB, elsewhere.child("layer"))).isEqualTo(LinkResult.UNSUPPORTED);
    assertThat(storage.link(BLOB, FOLDER.child("json"))).isEqualTo(LinkResult.UNSUPPORTED);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "../x", "/etc/passwd", "a//b", "a\nb"})
  void aPointerThatNamesNoBlobIsNone(String text) {
    bare.write(POINTER, text.getBytes(UTF_8));

    assertThat(storage.target(LAYER)).isEmpty();
    assertThat(storage.exists(LAYER)).isFalse();
    assertThat(entries()).isEmpty();
  }

  @Test
  void aLayerThatIsAFileCostsNoMoreThanWithout() {
    bare.write(LAYER, BYTES);
    bare.write(FOLDER.child("json"), BYTES);
    counted.heal();

    assertThat(storage.exists(LAYER)).isTrue();
    assertThat(storage.stat(LAYER)).isPresent();
    assertThat(entries()).hasSize(2);
    storage.open(LAYER, ByteRange.ALL).orElseThrow().close();

    assertThat(counted.operations()).isEqualTo(4);
  }

  @Test
  void clientsAreSentToTheBlob() {
    LayerPointers linked = new LayerPointers(new Linked());
    point();
    bare.write(FOLDER.child("json"), BYTES);
    BlobKey plain = BlobKey.of("images", "plain", "layer");
    bare.write(plain, BYTES);

    assertThat(linked.downloadUrl(LAYER)).hasValue(URI.create("http://store/" + BLOB));
    assertThat(linked.downloadUrl(plain)).hasValue(URI.create("http://store/" + plain));
    assertThat(storage.downloadUrl(LAYER)).isEmpty();

    counted.heal();
    assertThat(linked.downloadUrl(LAYER)).hasValue(URI.create("http://store/" + BLOB));
    assertThat(linked.downloadUrl(plain)).isPresent();
    assertThat(linked.downloadUrl(FOLDER.child("json"))).isPresent();
    assertThat(counted.operations()).isZero();
  }

  @Test
  void aLayerThatHasBecomeAPointerIsNoticedWhenItIsReadNext() {
    LayerPointers linked = new LayerPointers(new Linked());
    bare.write(LAYER, BYTES);
    assertThat(linked.downloadUrl(LAYER)).hasValue(URI.create("http://store/" + LAYER));
    bare.delete(LAYER);
    point();

    assertThat(linked.stat(LAYER)).isPresent();
    assertThat(linked.downloadUrl(LAYER)).hasValue(URI.create("http://store/" + BLOB));
  }

  @Test
  void aPointerBecomesAFile() {
    point();

    assertThat(storage.materialize(LAYER)).isTrue();

    assertThat(bare.read(LAYER, 100)).hasValue(BYTES);
    assertThat(storage.isFile(LAYER)).isTrue();
    bare.delete(BLOB);
    assertThat(storage.read(LAYER, 100)).hasValue(BYTES);
    storage.delete(LAYER);
    assertThat(storage.materialize(LAYER)).isFalse();
  }

  /** A store from which clients can download. */
  private final class Linked implements BlobStorage {
    @Override
    public Optional<URI> downloadUrl(BlobKey key) {
      return Optional.of(URI.create("http://store/" + key));
    }

    @Override
    public Optional<Blob> open(BlobKey key, ByteRange range) {
      return counted.open(key, range);
    }

    @Override
    public BlobWriter create(BlobKey key) {
      return counted.create(key);
    }

    @Override
    public BlobWriter createIfAbsent(BlobKey key) {
      return counted.createIfAbsent(key);
    }

    @Override
    public Optional<BlobInfo> stat(BlobKey key) {
      return counted.stat(key);
    }

    @Override
    public void delete(BlobKey key) {
      counted.delete(key);
    }

    @Override
    public Stream<BlobEntry> list(BlobKey prefix) {
      return counted.list(prefix);
    }

    @Override
    public Stream<String> folders(BlobKey prefix) {
      return counted.folders(prefix);
    }

    @Override
    public String describe() {
      return counted.describe();
    }

    @Override
    public void probe() {
      counted.probe();
    }
  }
}
