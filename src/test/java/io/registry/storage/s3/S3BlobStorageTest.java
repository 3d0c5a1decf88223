package io.registry.storage.s3;

import static org.assertj.core.api.Assertions.assertThat;

import io.registry.storage.BlobKey;
import io.registry.storage.BlobStorage;
import io.registry.storage.BlobStorageContract;
import io.registry.storage.ObjectNames;
import io.registry.testkit.S3Server;
import io.registry.testkit.Together;
import java.io.IOException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("slow")
class S3BlobStorageTest extends BlobStorageContract {
  private static final int WRITERS = 8;

  private static S3Server server;

  private S3TestStore store;

  @BeforeAll
  static void start() throws Exception {
    server = S3Server.start();
  }

  @AfterAll
  static void stop() throws Exception {
    server.close();
  }

  @BeforeEach
  void open() {
    store = S3TestStore.of(server, "prefix", "/registry");
  }

  @AfterEach
  void leavesNoParts() {
    assertThat(store.unfinishedUploads()).isEmpty();
    store.close();
  }

  @Override
  protected BlobStorage storage() {
    return store.storage();
  }

  @Override
  protected int moreThanOnePart() {
    return 11 * 1024 * 1024 + 1;
  }

  @Override
  protected void createMany(BlobKey prefix, int count) throws IOException {
    createMany(storage(), prefix, count);
  }

  @Test
  void aLargeObjectIsCopiedInParts() {
    copyInParts(store);
  }

  static void copyInParts(S3TestStore store) {
    int size = 11 * 1024 * 1024 + 1;
    ObjectNames names = new ObjectNames(store.settings().prefix());
    BlobKey from = BlobKey.of("_staging", "abc", "layer");
    BlobKey to = BlobKey.of("images", "abc", "layer");
    store.storage().write(from, random(size));
    store.storage().write(to, random(1));

    assertThat(store.uploads().copy(names.of(from), names.of(to), 5 * 1024 * 1024)).isTrue();

    assertThat(store.storage().read(to, size)).hasValue(random(size));
  }

  static void createMany(BlobStorage storage, BlobKey prefix, int count) throws IOException {
    try {
      Together.run(
          IntStream.range(0, WRITERS)
              .<Together.Task>mapToObj(
                  writer ->
                      () -> {
                        for (int i = writer; i < count; i += WRITERS) {
                          storage.write(prefix.child(Integer.toString(i)), new byte[0]);
                        }
                      })
              .toList());
    } catch (IOException | RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IOException(e);
    }
  }
}
