package io.registry.storage.gcs;

import io.registry.testkit.FakeGcs;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.junit.jupiter.Container;
import org.testcontainers.junit.jupiter.Testcontainers;
import org.testcontainers.utility.DockerImageName;

/**
 * The driver against fake-gcs-server, where there is a Docker. It differs from the service: the 404
 * of a download is a text, and that of another request has no reason and is the same for an object
 * and for a bucket; a size of 0 is omitted; a download has no x-goog-stored-content-length. {@link
 * FakeGcs.Dialect#TERSE} does the same.
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
  protected String endpoint() {
    return "http://" + EMULATOR.getHost() + ":" + EMULATOR.getMappedPort(PORT);
  }
}
