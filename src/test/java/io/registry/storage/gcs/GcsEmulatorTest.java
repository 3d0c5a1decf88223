package io.registry.storage.gcs;

import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/** The driver against the emulator at the URL of the system property {@code gcs.emulator}. */
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
