package io.registry.contents;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class MemoryDiffQueueTest extends DiffQueueContract {
  private final AtomicLong nanos = new AtomicLong();

  @Override
  protected DiffQueue queue() {
    return new MemoryDiffQueue(CAPACITY, nanos::get);
  }

  @Test
  void whatFailsIsTriedThreeTimes() throws InterruptedException {
    DiffQueue queue = queue();
    queue.add(image(1));
    for (int i = 0; i < 3; i++) {
      assertThat(queue.length()).isEqualTo(1);
      take(queue).retry();
      assertEmpty(queue);
      nanos.addAndGet(Duration.ofMinutes(1).toNanos());
    }
    assertEmpty(queue);
    assertThat(queue.length()).isZero();
  }
}
