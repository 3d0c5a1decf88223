package io.registry.features.cache;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.registry.access.auth.Access;
import io.registry.access.auth.AccessToken;
import io.registry.access.auth.Grant;
import io.registry.access.auth.RemoteIndexes;
import io.registry.access.auth.TokenVerifier;
import io.registry.access.auth.TokenVerifierContract;
import io.registry.content.image.ImageId;
import io.registry.content.repository.RepositoryName;
import io.registry.testkit.FakeIndex;
import io.registry.testkit.PassingClock;
import io.registry.testkit.RandomCases;
import io.registry.testkit.TestImage;
import io.registry.testkit.Together;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class RememberedGrantsTest extends TokenVerifierContract {
  private static final Duration TTL = Duration.ofSeconds(30);
  private static final int CROWD = 100;

  private final PassingClock clock = new PassingClock();
  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private final Level near = new Level();
  private final Level shared = new Level();

  /** A place that forgets nothing by itself. */
  private static final class Level implements CacheLevel {
    private final Map<String, CacheEntry<?>> entries = new ConcurrentHashMap<>();

    @Override
    public Optional<CacheEntry<?>> find(String key) {
      return Optional.ofNullable(entries.get(key));
    }

    @Override
    public void remember(CacheEntry<?> entry) {
      entries.put(entry.key(), entry);
    }

    private void replace(RememberedGrant value) {
      entries.replaceAll((key, entry) -> new CacheEntry<>(key, value));
    }
  }

  @Override
  protected TokenVerifier newVerifier() {
    return remembering(TTL, near, shared);
  }

  private TokenVerifier remembering(Duration ttl, CacheLevel... levels) {
    return remembering(index.endpoint(), ttl, levels);
  }

  private TokenVerifier remembering(String endpoint, Duration ttl, CacheLevel... levels) {
    return new RememberedGrants(
        RemoteIndexes.verifier(RemoteIndexes.settings(index, ttl)),
        new GrantCache(endpoint, ttl, List.of(levels), clock, new CacheMeters(meters)));
  }

  private double counted(String result) {
    return meters.counter("registry.cache.gets", "cache", "grants", "result", result).count();
  }

  @Test
  void aPasswordIsRememberedForWhatItWasAskedFor() {
    index.always(
        exchange -> {
          boolean reads = exchange.getRequestMethod().equals("GET");
          FakeIndex.body(reads ? 200 : 403, "[]").answer(exchange);
        });
    String header = "Basic YWxpY2U6cHc=";
    AccessToken read = new AccessToken(header, APP, Access.READ);
    AccessToken write = new AccessToken(header, APP, Access.WRITE);
    RepositoryName other = RepositoryName.parse("team/other");
    AccessToken elsewhere = new AccessToken(header, other, Access.READ);
    for (int i = 0; i < 2; i++) {
      assertThat(verifier.verify(read).orElseThrow().repository()).isEqualTo(APP);
      assertThat(verifier.verify(elsewhere).orElseThrow().repository()).isEqualTo(other);
      assertThat(verifier.verify(write)).isEmpty();
    }
    assertThat(index.questions())
        .extracting(FakeIndex.Question::method)
        .containsExactly("GET", "GET", "PUT", "PUT");
  }

  @Test
  void theIndexIsAskedOnceForEachToken() {
    AccessToken token = token("write");
    AccessToken other = token("write");
    for (int i = 0; i < 10; i++) {
      assertThat(verifier.verify(token)).isPresent();
      assertThat(verifier.verify(other)).isPresent();
    }
    assertThat(index.timesAsked()).isEqualTo(2);
    assertThat(counted("hit")).isEqualTo(18);
    assertThat(counted("miss")).isEqualTo(2);
  }

  @Test
  void aYesForAnImageIsRememberedForThatImageAndANoIsNot() {
    AccessToken token = token("write");
    index.allow(REPOSITORY, OTHER.value());
    for (int i = 0; i < 5; i++) {
      assertThat(verifier.mayAccess(token, OTHER)).isTrue();
    }
    assertThat(index.timesAsked()).isEqualTo(1);
    for (int i = 0; i < 5; i++) {
      assertThat(verifier.mayAccess(token, IMAGE)).isFalse();
    }
    assertThat(index.timesAsked()).isEqualTo(6);
    assertThat(verifier.verify(token).orElseThrow().images()).containsExactly(IMAGE);
    assertThat(index.timesAsked()).isEqualTo(7);
  }

  @Test
  void aRefusalIsNotRemembered() {
    AccessToken token = token("write");
    index.revoke(token.header());
    for (int i = 0; i < 5; i++) {
      assertThat(verifier.verify(token)).isEmpty();
    }
    assertThat(index.timesAsked()).isEqualTo(5);
    assertThat(near.entries).isEmpty();
    assertThat(shared.entries).isEmpty();
  }

  @Test
  void aGrantIsForgottenWhenItsTimeIsOver() {
    AccessToken token = token("write");
    assertThat(verifier.verify(token)).isPresent();
    index.revoke(token.header());

    clock.pass(TTL.minusMillis(1));
    assertThat(verifier.verify(token)).isPresent();
    clock.pass(Duration.ofMillis(1));
    assertThat(verifier.verify(token)).isEmpty();
    assertThat(index.timesAsked()).isEqualTo(2);
  }

  @Test
  void whatAnotherProcessWasToldEndsWhenItEndsThere() {
    AccessToken token = token("write");
    TokenVerifier replica = remembering(TTL, new Level(), shared);
    assertThat(verifier.verify(token)).isPresent();
    clock.pass(TTL.minusMillis(1));
    assertThat(replica.verify(token)).isPresent();
    assertThat(index.timesAsked()).isEqualTo(1);

    clock.pass(Duration.ofMillis(1));
    assertThat(replica.verify(token)).isPresent();
    assertThat(index.timesAsked()).isEqualTo(2);
  }

  @Test
  void whoRemembersForLessTimeDoesNotTakeWhatLastsLonger() {
    AccessToken token = token("write");
    TokenVerifier cautious = remembering(Duration.ofSeconds(5), new Level(), shared);
    assertThat(verifier.verify(token)).isPresent();
    assertThat(cautious.verify(token)).isPresent();
    assertThat(index.timesAsked()).isEqualTo(2);
  }

  @Test
  void theTimeRunsFromTheQuestionAndNotFromTheAnswer() throws Exception {
    AccessToken token = token("write");
    CountDownLatch latch = new CountDownLatch(1);
    index.next(
        exchange -> {
          clock.pass(TTL);
          latch.countDown();
          FakeIndex.body(200, "[]").answer(exchange);
        });
    assertThat(verifier.verify(token)).isPresent();
    latch.await();
    assertThat(verifier.verify(token)).isPresent();
    assertThat(index.timesAsked()).isEqualTo(2);
  }

  @Test
  void withoutATimeTheIndexIsAskedEachTime() {
    TokenVerifier always = remembering(Duration.ZERO);
    AccessToken token = token("write");
    index.allow(REPOSITORY, OTHER.value());
    for (int i = 0; i < 5; i++) {
      assertThat(always.verify(token)).isPresent();
      assertThat(always.mayAccess(token, OTHER)).isTrue();
    }
    assertThat(index.timesAsked()).isEqualTo(10);
  }

  @Test
  void aCrowdWithOneTokenIsOneQuestion() throws Exception {
    AccessToken token = token("read");
    Together.run(Collections.nCopies(CROWD, () -> assertThat(verifier.verify(token)).isPresent()));
    assertThat(index.timesAsked()).isEqualTo(1);
  }

  @Test
  void nothingInTheMemoryTellsTheToken() {
    AccessToken token = token("write");
    assertThat(verifier.verify(token)).isPresent();
    assertThat(shared.entries.toString()).doesNotContain("secret", "signature");
    assertThat(shared.entries.keySet()).singleElement().asString().matches("[a-f0-9]{64}");
  }

  @Test
  void whatAnotherIndexHasAllowedIsNotFound() {
    AccessToken token = token("write");
    TokenVerifier elsewhere = remembering("http://another.example", TTL, new Level(), shared);
    assertThat(elsewhere.verify(token)).isPresent();
    assertThat(verifier.verify(token)).isPresent();
    assertThat(index.timesAsked()).isEqualTo(2);
  }

  @Test
  void whatCannotBeTheAnswerIsAMiss() {
    AccessToken token = token("read");
    Instant soon = clock.instant().plusSeconds(1);
    Set<ImageId> images = Set.of(IMAGE);
    List<RememberedGrant> poison =
        List.of(
            new RememberedGrant(
                soon, new Grant("", new RepositoryName("team", "b"), Access.READ, images)),
            new RememberedGrant(soon, new Grant("", APP, Access.WRITE, images)),
            new RememberedGrant(
                clock.instant().minusMillis(1), new Grant("", APP, Access.READ, images)),
            new RememberedGrant(Instant.MAX, new Grant("", APP, Access.READ, images)));
    assertThat(verifier.verify(token)).isPresent();
    for (RememberedGrant each : poison) {
      int before = index.timesAsked();
      near.replace(each);
      shared.replace(each);
      assertThat(verifier.verify(token)).contains(new Grant("", APP, Access.READ, images));
      assertThat(index.timesAsked()).isEqualTo(before + 1);
    }
    near.entries.replaceAll((key, entry) -> new CacheEntry<>("another", entry.value()));
    shared.entries.replaceAll((key, entry) -> new CacheEntry<>(key, "another kind"));
    assertThat(verifier.verify(token)).isPresent();
    assertThat(index.timesAsked()).isEqualTo(6);
  }

  @Test
  void aYesForOneImageIsNoneForAnotherWhateverLiesThere() {
    AccessToken token = token("write");
    index.allow(REPOSITORY, IMAGE.value());
    assertThat(verifier.mayAccess(token, IMAGE)).isTrue();
    RememberedGrant other =
        new RememberedGrant(
            clock.instant().plusSeconds(1), new Grant("", APP, Access.WRITE, Set.of(OTHER)));
    near.replace(other);
    shared.replace(other);
    assertThat(verifier.mayAccess(token, IMAGE)).isTrue();
    assertThat(index.timesAsked()).isEqualTo(2);
  }

  @Test
  void aGrantBecomesBytesAndBackAndDamagedBytesBecomeNothing() {
    CacheEntrySerializer<RememberedGrant> bytes =
        new CacheEntrySerializer<>(GrantCache.NAME, GrantCache.CODEC);
    RememberedGrant grant =
        new RememberedGrant(
            clock.instant(),
            new Grant(
                "somebody",
                new RepositoryName("a b", "c/d"),
                Access.DELETE,
                Set.of(IMAGE, OTHER, new ImageId(TestImage.id("x").substring(0, 16)))));
    CacheEntry<RememberedGrant> entry = new CacheEntry<>("key", grant);
    byte[] sealed = bytes.serialize(entry);

    assertThat(bytes.deserialize(sealed)).isEqualTo(entry);
    RandomCases.check(
        1_000,
        random -> {
          byte[] damaged = sealed.clone();
          int at = random.nextInt(damaged.length);
          damaged[at] ^= (byte) random.nextInt(1, 256);
          assertThat(bytes.deserialize(damaged)).isNull();
          assertThat(bytes.deserialize(Arrays.copyOf(sealed, at))).isNull();
        });
  }
}
