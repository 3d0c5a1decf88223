package io.registry.storage.gcs;

import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * The driver against the emulator at the URL of the system property {@code gcs.emulator}. Of
 * fake-gcs-server 1.55.1 one test fails: the server cannot list a folder with a semicolon. Of
 * Google's storage-testbench 0.63.0 two fail: the last bytes of a blob, more than it has, begin at
 * a negative offset; it also sends thousands of names in one page, for which it takes 20 s.
 */
@EnabledIfSystemProperty(
    named = "gcs.emulator",
    matches = "http.+",
    disabledReason = "no emulator given: -Dgcs.emulator=http://127.0.0.1:4443")
class GcsEmulatorTest extends GcsEmulatorContract {
  @Override
  protected String endpoint() {
    return System.getProperty("gcs.emulator").replaceFirst("/+$", "");
  }
}
