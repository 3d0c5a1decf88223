package io.registry.content.files;

import static org.assertj.core.api.Assertions.assertThat;

import io.registry.content.image.ImageId;
import io.registry.testkit.TestImage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class MemoryDiffQueueTest {
  private static final int CAPACITY = 5;
  private static final Duration AT_ONCE = Duration.ZERO;
  private static final String LAYER = "version";

  private final AtomicLong nanos = new AtomicLong();
  private final DiffQueue queue = new MemoryDiffQueue(CAPACITY, nanos::get);

  private static ImageId image(int number) {
    return new ImageId(TestImage.id("image " + number));
  }

  private DiffJob take() throws InterruptedException {
    return queue.take(AT_ONCE).orElseThrow();
  }

  private void assertEmpty() throws InterruptedException {
    assertThat(queue.take(AT_ONCE)).isEmpty();
  }

  @Test
  void whatWasAddedFirstIsTakenFirst() throws InterruptedException {
    assertEmpty();
    queue.add(image(1));
    queue.add(image(2));
    assertThat(take().image()).isEqualTo(image(1));
    assertThat(take().image()).isEqualTo(image(2));
    assertEmpty();
  }

  @Test
  void anImageIsInItOnceUntilItIsDone() throws InterruptedException {
    for (int i = 0; i < 100; i++) {
      queue.add(image(1));
    }
    DiffJob job = take();
    queue.add(image(1));
    assertEmpty();
    job.done();
    assertEmpty();
    queue.add(image(1));
    assertThat(take().image()).isEqualTo(image(1));
  }

  @Test
  void whatIsTooManyIsLeftOut() throws InterruptedException {
    for (int i = 0; i < 2 * CAPACITY; i++) {
      queue.add(image(i));
    }
    List<ImageId> taken = new ArrayList<>();
    for (Optional<DiffJob> job = queue.take(AT_ONCE); job.isPresent(); job = queue.take(AT_ONCE)) {
      taken.add(job.get().image());
      job.get().done();
    }
    assertThat(taken).containsExactly(image(0), image(1), image(2), image(3), image(4));
  }

  @Test
  void whyAnImageWasGivenUpIsRememberedForThatLayer() throws InterruptedException {
    queue.add(image(1));
    take().refuse(LAYER, "It is\nbroken");
    assertThat(queue.refusal(image(1), LAYER)).contains("It is\nbroken");
    assertThat(queue.refusal(image(1), "another")).isEmpty();
    assertThat(queue.refusal(image(2), LAYER)).isEmpty();
    assertEmpty();
  }

  @Test
  void whatIsReleasedIsThereForOthersAtOnce() throws InterruptedException {
    queue.add(image(1));
    for (int i = 0; i < 10; i++) {
      DiffJob job = take();
      job.release();
    }
    assertThat(take().image()).isEqualTo(image(1));
  }

  @Test
  void whatIsToBeTriedAgainIsNotThereAtOnce() throws InterruptedException {
    queue.add(image(1));
    take().retry();
    queue.add(image(1));
    assertEmpty();
  }

  @Test
  void whatFailsIsTriedThreeTimes() throws InterruptedException {
    queue.add(image(1));
    for (int i = 0; i < 3; i++) {
      assertThat(queue.length()).isEqualTo(1);
      take().retry();
      assertEmpty();
      nanos.addAndGet(Duration.ofMinutes(1).toNanos());
    }
    assertEmpty();
    assertThat(queue.length()).isZero();
  }
}
