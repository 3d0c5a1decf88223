package io.registry.web.v1;

import io.registry.testkit.Bucket;
import io.registry.testkit.RegistryProcess;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/**
 * On a bucket. The sizes are those that the server of the test can hold, more than the heap of the
 * registry; of each upload a part is full before it goes on.
 */
abstract class BucketMemoryHttpContract extends MemoryHttpContract {
  private Bucket bucket;

  /** An empty bucket. */
  protected abstract Bucket newBucket(Path directory) throws Exception;

  /** The setting for parts of 5 MB. */
  protected abstract String partSize();

  @BeforeEach
  void open(@TempDir Path directory) throws Exception {
    bucket = newBucket(directory);
  }

  @AfterEach
  void close() throws Exception {
    bucket.close();
  }

  @Override
  protected RegistryProcess start(Path directory) throws Exception {
    List<String> arguments = new ArrayList<>(bucket.arguments());
    arguments.add(partSize());
    arguments.add(WHOLE_SHARE);
    return RegistryProcess.startHashing(arguments.toArray(String[]::new));
  }

  @Override
  protected long large() {
    return 128L * 1024 * 1024;
  }

  @Override
  protected int readers() {
    return 100;
  }

  @Override
  protected int readSize() {
    return 8;
  }

  @Override
  protected int uploaders() {
    return 24;
  }

  @Override
  protected int half() {
    return 3_000_000;
  }
}
