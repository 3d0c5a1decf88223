package io.registry.contents;

import static org.assertj.core.api.Assertions.assertThat;

import io.registry.image.ImageId;
import io.registry.testkit.TestImage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What every queue of images to compare promises. */
public abstract class DiffQueueContract {
  protected static final int CAPACITY = 5;
  protected static final Duration AT_ONCE = Duration.ZERO;
  private static final String LAYER = "version";

  /** A queue without anything in it, for so many at most. */
  protected abstract DiffQueue queue();

  protected static ImageId image(int number) {
    return new ImageId(TestImage.id("image " + number));
  }

  protected static DiffJob take(DiffQueue queue) throws InterruptedException {
    return queue.take(AT_ONCE).orElseThrow();
  }

  protected static void assertEmpty(DiffQueue queue) throws InterruptedException {
    assertThat(queue.take(AT_ONCE)).isEmpty();
  }

  @Test
  void whatWasAddedFirstIsTakenFirst() throws InterruptedException {
    DiffQueue queue = queue();
    assertEmpty(queue);
    queue.add(image(1));
    queue.add(image(2));
    assertThat(take(queue).image()).isEqualTo(image(1));
    assertThat(take(queue).image()).isEqualTo(image(2));
    assertEmpty(queue);
  }

  @Test
  void anImageIsInItOnceUntilItIsDone() throws InterruptedException {
    DiffQueue queue = queue();
    for (int i = 0; i < 100; i++) {
      queue.add(image(1));
    }
    DiffJob job = take(queue);
    assertThat(job.isHeld()).isTrue();
    queue.add(image(1));
    assertEmpty(queue);
    job.done();
    assertEmpty(queue);
    queue.add(image(1));
    assertThat(take(queue).image()).isEqualTo(image(1));
  }

  @Test
  void whatIsTooManyIsLeftOut() throws InterruptedException {
    DiffQueue queue = queue();
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
    DiffQueue queue = queue();
    queue.add(image(1));
    take(queue).refuse(LAYER, "It is\nbroken");
    assertThat(queue.refusal(image(1), LAYER)).contains("It is\nbroken");
    assertThat(queue.refusal(image(1), "another")).isEmpty();
    assertThat(queue.refusal(image(2), LAYER)).isEmpty();
    assertEmpty(queue);
  }

  @Test
  void whatIsReleasedIsThereForOthersAtOnce() throws InterruptedException {
    DiffQueue queue = queue();
    queue.add(image(1));
    for (int i = 0; i < 10; i++) {
      DiffJob job = take(queue);
      job.release();
    }
    assertThat(take(queue).image()).isEqualTo(image(1));
  }

  @Test
  void whatIsToBeTriedAgainIsNotThereAtOnce() throws InterruptedException {
    DiffQueue queue = queue();
    queue.add(image(1));
    take(queue).retry();
    queue.add(image(1));
    assertEmpty(queue);
  }
}
