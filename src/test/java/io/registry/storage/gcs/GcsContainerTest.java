package io.registry.storage.gcs;

import io.registry.testkit.FakeGcs;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.junit.jupiter.Container;
import org.testcontainers.junit.jupiter.Testcontainers;
import org.testcontainers.utility.DockerImageName;

/**
 * The driver against fake-gcs-server, where there is a Docker. It differs from the service: a 404
 * does not say whether the object or the bucket is missing, and that of a download is a text
 * ({@link FakeGcs.Dialect#TERSE} does the same); it ignores a parameter of a query that has a
 * semicolon, so that it lists everything for a prefix with one.
 */
@Testcontainers(disabledWithoutDocker = true)
class GcsContainerTest extends GcsEmulatorContract {
  private static final int PORT = 4443;

  @Container
  private static final GenericContainer<?> EMULATOR =
      new GenericContainer<>(DockerImageName.parse("fsouza/fake-gcs-server:1.55.1"))
          .withExposedPorts(PORT)
          .withCreateContainerCmdModifier(
              command ->
                  command.withEntrypoint(
                      "/bin/fake-gcs-server", "-scheme", "http", "-backend", "memory"));

  @Override
  protected boolean lists(String component) {
    return !component.contains(";");
  }

  @Override
  protected String endpoint() {
    return "http://" + EMULATOR.getHost() + ":" + EMULATOR.getMappedPort(PORT);
  }
}
