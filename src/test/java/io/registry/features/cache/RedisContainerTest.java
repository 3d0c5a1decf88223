package io.registry.features.cache;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.junit.jupiter.Container;
import org.testcontainers.junit.jupiter.Testcontainers;

/** The contract against Redis as most people run it, where there is a container engine. */
@Testcontainers(disabledWithoutDocker = true)
class RedisContainerTest extends RepositoryEntriesContract {
  private static final int PORT = 6379;

  @Container
  private static final GenericContainer<?> REDIS =
      new GenericContainer<>("redis:8.0-alpine").withExposedPorts(PORT);

  private final RedisProcesses clients = new RedisProcesses();
  private List<RedisRepositoryEntries> processes = List.of();

  @Override
  @BeforeEach
  void begin() {
    processes = List.of(connect(), connect());
    super.begin();
  }

  private RedisRepositoryEntries connect() {
    return clients.connect(REDIS.getHost(), REDIS.getMappedPort(PORT), "bucket");
  }

  @AfterEach
  void disconnect() {
    clients.close();
  }

  @Override
  RepositoryEntries entries(int process) {
    return processes.get(process);
  }

  @Override
  void lose(RandomGenerator random) {
    try {
      REDIS.execInContainer("redis-cli", "FLUSHALL");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
