package io.registry.access.index;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.registry.platform.problem.RegistryException;
import io.registry.platform.problem.RetryLaterException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.springframework.security.crypto.password.PasswordEncoder;

/** How many passwords are checked at the same time. */
class PasswordHashesTest {

  @Test
  void noMorePasswordsAreCheckedAtOnceThanMay() throws InterruptedException {
    SlowEncoder encoder = new SlowEncoder();
    PasswordHashes hashes =
        new PasswordHashes(encoder, 1, Duration.ofMillis(1), new PasswordRules(8));
    encoder.slow.set(true);
    Thread first = new Thread(() -> hashes.matches("correct horse", Optional.of("hash")));
    first.start();
    encoder.begun.await();

    assertThatThrownBy(() -> hashes.matches("correct horse", Optional.of("hash")))
        .isInstanceOf(RetryLaterException.class)
        .hasMessage("Too many passwords are checked: try again later");
    assertThatThrownBy(() -> hashes.hash("correct horse")).isInstanceOf(RegistryException.class);
    assertThatThrownBy(() -> hashes.matches("wrong", Optional.empty()))
        .as("nor does it tell which accounts there are")
        .isInstanceOf(RetryLaterException.class);

    encoder.goOn.countDown();
    first.join();
    encoder.slow.set(false);
    assertThat(hashes.matches("correct horse", Optional.of("hash"))).isTrue();
  }

  @Test
  void aPasswordOfTheListsIsRefusedInAnyCase() {
    PasswordHashes hashes =
        new PasswordHashes(new SlowEncoder(), 1, Duration.ofMinutes(1), new PasswordRules(8));
    for (String common : List.of("password", "Password1", "CHANGEME", "12345678", "P@ssw0rd")) {
      assertThatThrownBy(() -> hashes.hash(common))
          .as(common)
          .isInstanceOf(RegistryException.class)
          .hasMessageContaining("common");
    }
    assertThat(hashes.hash("correct horse")).isNotEmpty();
  }

  @Test
  void aPasswordIsAsLongAsTheSettingSays() {
    PasswordHashes hashes =
        new PasswordHashes(new SlowEncoder(), 1, Duration.ofMinutes(1), new PasswordRules(15));
    assertThatThrownBy(() -> hashes.hash("correct horse"))
        .hasMessage("A password has at least 15 characters and at most 72 bytes");
    assertThat(hashes.hash("correct horse battery")).isNotEmpty();
  }

  private static final class SlowEncoder implements PasswordEncoder {
    private final AtomicBoolean slow = new AtomicBoolean();
    private final CountDownLatch begun = new CountDownLatch(1);
    private final CountDownLatch goOn = new CountDownLatch(1);

    @Override
    public String encode(@Nullable CharSequence password) {
      return "hash";
    }

    @Override
    public boolean matches(@Nullable CharSequence password, @Nullable String hash) {
      if (slow.get()) {
        begun.countDown();
        try {
          goOn.await();
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
        }
      }
      return true;
    }
  }
}
