package io.registry.web.v1;

import io.registry.testkit.RegistryProcess;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;

/** On a local directory. */
@Tag("external")
@Tag("slow")
class MemoryHttpTest extends MemoryHttpContract {

  @Override
  protected RegistryProcess start(Path directory) throws IOException {
    return RegistryProcess.startHashing("--registry.storage.local.path=" + directory, WHOLE_SHARE);
  }

  /** More than fits into an int. */
  @Override
  protected long large() {
    return (2L * 1024 + 1) * 1024 * 1024;
  }

  @Override
  protected int readers() {
    return 500;
  }

  @Override
  protected int readSize() {
    return 32;
  }

  @Override
  protected int uploaders() {
    return 200;
  }

  @Override
  protected int half() {
    return 500_000;
  }
}
