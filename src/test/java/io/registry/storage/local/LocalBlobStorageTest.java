package io.registry.storage.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.registry.storage.Blob;
import io.registry.storage.BlobKey;
import io.registry.storage.BlobStorage;
import io.registry.storage.BlobStorageContract;
import io.registry.storage.BlobWriter;
import io.registry.storage.ByteRange;
import io.registry.storage.LinkResult;
import io.registry.storage.StorageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("slow")
class LocalBlobStorageTest extends BlobStorageContract {
  private static final BlobKey KEY = BlobKey.of("images", "abc", "layer");

  private final Path root;
  private final LocalBlobStorage storage;
  private final LocalBlobStorage another;

  LocalBlobStorageTest(@TempDir Path directory) {
    root = directory.resolve("store");
    storage = new LocalBlobStorage(root);
    another = new LocalBlobStorage(root);
  }

  @Test
  void otherUsersOfTheMachineDoNotSeeANewStore() throws IOException {
    storage.write(KEY, new byte[] {1});

    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(root)))
        .isEqualTo("rwxr-x---");
  }

  @Test
  void nothingIsReadOrRemovedOutsideOfTheStoreThroughALink() throws IOException {
    Path outside = Files.createDirectory(root.resolveSibling("outside"));
    Path secret = Files.writeString(outside.resolve("layer"), "secret");
    BlobKey linkedFile = BlobKey.of("images", "file", "layer");
    BlobKey inLinkedFolder = BlobKey.of("images", "folder", "layer");
    storage.write(KEY, new byte[] {1});
    storage.write(BlobKey.of("images", "file", "json"), new byte[] {1});
    Files.createSymbolicLink(root.resolve("images/file/layer"), secret);
    Files.createSymbolicLink(root.resolve("images/folder"), outside);
    Files.createSymbolicLink(root.resolve("images/inner"), root.resolve("images/abc"));

    for (BlobKey key : List.of(linkedFile, inLinkedFolder)) {
      assertThat(storage.read(key, 100)).as(key.path()).isEmpty();
      assertThat(storage.open(key, ByteRange.ALL)).as(key.path()).isEmpty();
      assertThat(storage.stat(key)).as(key.path()).isEmpty();
    }
    storage.deleteAll(List.of(linkedFile, inLinkedFolder));
    assertThat(secret).hasContent("secret");
    assertThatExceptionOfType(StorageException.class)
        .isThrownBy(() -> storage.write(inLinkedFolder, new byte[] {2}));
    assertThat(secret).hasContent("secret");
    assertThat(storage.read(BlobKey.of("images", "inner", "layer"), 100))
        .as("within the store")
        .isPresent();

    try (LocalBlobStorage following = new LocalBlobStorage(root, "", false, true)) {
      assertThat(following.read(inLinkedFolder, 100)).isPresent();
    }
  }

  @BeforeEach
  void expectNothing() {
    assertThat(root).doesNotExist();
  }

  @AfterEach
  void leavesNoTemporaryFiles() throws IOException {
    assertThat(unfinished()).isEmpty();
    storage.close();
    another.close();
    assertThat(root.resolve("_uploads")).doesNotExist();
  }

  @Override
  protected BlobStorage storage() {
    return storage;
  }

  @Override
  protected BlobStorage another() {
    return another;
  }

  @Override
  protected boolean movesFolders() {
    return true;
  }

  @Override
  protected boolean linksBlobs(BlobKey second) {
    return true;
  }

  @Override
  protected void createMany(BlobKey prefix, int count) throws IOException {
    Path folder = Files.createDirectories(root.resolve(prefix.path()));
    for (int i = 0; i < count; i++) {
      Files.createFile(folder.resolve(Integer.toString(i)));
    }
  }

  @Test
  void aBlobThatIsRemovedWhileItsFolderIsReadIsNamed() {
    BlobKey folder = BlobKey.of("a", "folder");
    for (String name : List.of("one", "other", "third")) {
      storage.write(folder.child(name), new byte[1]);
    }

    try (Stream<String> names = storage.names(folder)) {
      Iterator<String> each = names.iterator();
      List<String> found = new ArrayList<>(List.of(each.next()));
      storage.deleteAll(List.of(folder.child("one"), folder.child("other"), folder.child("third")));
      each.forEachRemaining(found::add);

      assertThat(found).containsExactlyInAnyOrder("one", "other", "third");
    }
  }

  @Test
  void blobsArePlainFilesOfTheTree() throws IOException {
    byte[] bytes = random(1000);
    storage.write(KEY, bytes);
    storage.write(BlobKey.of("repositories", "library", "b%252Fc", "tag_1.0"), new byte[] {1});

    assertThat(root.resolve("images/abc/layer")).hasBinaryContent(bytes);
    assertThat(root.resolve("repositories/library/b%252Fc/tag_1.0"))
        .hasBinaryContent(new byte[] {1});
    try (Blob blob = storage.open(KEY, new ByteRange(10, 19)).orElseThrow()) {
      assertThat(blob.file()).hasValue(root.resolve("images/abc/layer"));
    }
  }

  @Test
  void aLinkTakesNoRoom() throws IOException {
    BlobKey second = BlobKey.of("images", "abd", "layer");
    storage.write(KEY, random(1000));

    assertThat(storage.link(KEY, second)).isEqualTo(LinkResult.LINKED);
    assertThat(storage.link(KEY, second)).isEqualTo(LinkResult.LINKED);

    assertThat(Files.isSameFile(root.resolve(KEY.path()), root.resolve(second.path()))).isTrue();
    assertThat(storage.stat(second)).isEqualTo(storage.stat(KEY));
  }

  @Test
  void aLinkInPlaceOfAFolderIsAFailureThatLosesNothing() throws IOException {
    BlobKey second = BlobKey.of("images", "abd", "layer");
    storage.write(KEY, random(10));
    storage.write(second.child("below"), random(1));

    assertThatExceptionOfType(StorageException.class)
        .isThrownBy(() -> storage.link(KEY, second))
        .withMessageContaining("link");
    assertThatExceptionOfType(StorageException.class)
        .isThrownBy(() -> storage.link(KEY, KEY.child("below")));

    assertThat(storage.exists(second.child("below"))).isTrue();
    assertThat(storage.stat(KEY).orElseThrow().size()).isEqualTo(10);
  }

  @Test
  void filesThatOthersPutThereAreBlobs() throws IOException {
    Files.createDirectories(root.resolve("images/abc"));
    Files.writeString(root.resolve("images/abc/json"), "{}");
    BlobKey json = BlobKey.of("images", "abc", "json");

    assertThat(storage.read(json, 10)).hasValue(new byte[] {'{', '}'});
    assertThat(list(BlobKey.of("images", "abc"))).containsExactly("json");
    storage.delete(json);
    assertThat(root.resolve("images")).doesNotExist();
    assertThat(root).exists();
  }

  @Test
  void foreignFilesAndFoldersAreIgnoredAndKept() throws IOException {
    storage.write(KEY, random(10));
    Path folder = root.resolve("images/abc");
    Files.createDirectories(folder.resolve("lost+found/more"));
    Files.writeString(folder.resolve("line\nfeed"), "no key");
    Files.createSymbolicLink(folder.resolve("dangling"), Path.of("nowhere"));
    Files.createDirectories(root.resolve("images/abc/empty"));

    assertThat(list(BlobKey.of("images", "abc"))).containsExactly("layer");
    assertThat(storage.exists(BlobKey.of("images", "abc", "lost+found"))).isFalse();
    assertThat(storage.open(BlobKey.of("images", "abc", "lost+found"), ByteRange.ALL)).isEmpty();
    assertThat(storage.exists(BlobKey.of("images", "abc", "dangling"))).isFalse();

    storage.delete(BlobKey.of("images", "abc", "lost+found"));
    storage.delete(BlobKey.of("images", "abc", "empty"));
    storage.delete(KEY);
    assertThat(folder.resolve("lost+found/more")).isDirectory();
    assertThat(folder.resolve("empty")).isDirectory();
    assertThat(folder.resolve("line\nfeed")).hasContent("no key");
  }

  @Test
  void foldersThatADeleteLeavesEmptyAreRemoved() {
    BlobKey neighbour = BlobKey.of("images", "abd", "json");
    storage.write(KEY, random(10));
    storage.write(neighbour, random(10));

    storage.delete(KEY);
    assertThat(root.resolve("images/abc")).doesNotExist();
    assertThat(root.resolve("images/abd")).exists();
    storage.delete(neighbour);
    assertThat(root.resolve("images")).doesNotExist();
    assertThat(root).exists();
  }

  @Test
  void aFolderInTheWayOfABlobIsAFailureThatLosesNothing() throws IOException {
    storage.write(KEY.child("below"), random(10));

    assertThatExceptionOfType(StorageException.class)
        .isThrownBy(() -> storage.write(KEY, random(20)))
        .withMessageContaining("local")
        .withMessageContaining("write")
        .withMessageContaining(KEY.path());

    assertThat(storage.stat(KEY.child("below")).orElseThrow().size()).isEqualTo(10);
  }

  @Test
  void aBlobInTheWayOfAFolderIsAFailureThatLosesNothing() throws IOException {
    storage.write(KEY, random(10));

    assertThatExceptionOfType(StorageException.class)
        .isThrownBy(() -> storage.write(KEY.child("below"), random(20)));

    assertThat(storage.stat(KEY).orElseThrow().size()).isEqualTo(10);
  }

  @Test
  void aFolderIsMovedOntoAnEmptyOneButNotOntoAFile() throws IOException {
    BlobKey from = BlobKey.of("_staging", "abc");
    BlobKey to = BlobKey.of("images", "abc");
    storage.write(from.child("json"), random(10));
    storage.write(to, random(1));

    assertThatExceptionOfType(StorageException.class)
        .isThrownBy(() -> storage.moveFolder(from, to))
        .withMessageContaining("move");
    assertThat(list(from)).containsExactly("json");

    storage.delete(to);
    Files.createDirectories(root.resolve("images/abc"));
    assertThat(storage.moveFolder(from, to)).isTrue();
    assertThat(list(to)).containsExactly("json");
    assertThat(root.resolve("_staging")).doesNotExist();
  }

  @Test
  void moreFoldersAreWrittenThanAreRemembered() {
    for (int i = 0; i < 300; i++) {
      storage.write(BlobKey.of("images", "image" + i, "json"), random(1));
    }
    for (int i = 0; i < 300; i++) {
      storage.write(BlobKey.of("images", "image" + i, "layer"), random(2));
      assertThat(list(BlobKey.of("images", "image" + i))).hasSize(2);
    }
  }

  @Test
  void aRelativePathIsTakenFromTheWorkingDirectory() {
    LocalBlobStorage relative = new LocalBlobStorage(Path.of("target/../nowhere"));

    assertThat(relative.describe())
        .isEqualTo("local (" + Path.of("nowhere").toAbsolutePath() + ")");
    assertThat(relative.exists(KEY)).isFalse();
    assertThat(Path.of("nowhere")).doesNotExist();
  }

  @Test
  void theTemporaryFolderIsMadeAgainWhenSomebodyCleanedItAway() throws IOException {
    storage.write(KEY, random(10));
    try (Stream<Path> all = Files.walk(root.resolve("_uploads"))) {
      for (Path path : all.sorted((a, b) -> b.compareTo(a)).toList()) {
        Files.delete(path);
      }
    }

    storage.write(KEY, random(20));

    assertThat(storage.stat(KEY).orElseThrow().size()).isEqualTo(20);
  }

  @Test
  void twoStoragesOfOneDirectoryDoNotDisturbEachOther() throws IOException {
    try (BlobWriter writer = storage.create(KEY);
        LocalBlobStorage other = new LocalBlobStorage(root);
        BlobWriter late = other.create(KEY)) {
      writer.write(1);
      late.write(2);
      writer.commit();
      assertThat(other.read(KEY, 1)).hasValue(new byte[] {1});
      late.commit();
    }
    assertThat(storage.read(KEY, 1)).hasValue(new byte[] {2});
  }

  private List<Path> unfinished() throws IOException {
    Path uploads = root.resolve("_uploads");
    if (!Files.isDirectory(uploads)) {
      return List.of();
    }
    try (Stream<Path> all = Files.walk(uploads)) {
      return all.filter(Files::isRegularFile).filter(file -> !file.endsWith("lock")).toList();
    }
  }
}
