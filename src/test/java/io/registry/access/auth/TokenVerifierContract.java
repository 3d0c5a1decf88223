package io.registry.access.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.registry.content.image.ImageId;
import io.registry.content.repository.RepositoryName;
import io.registry.platform.problem.Problem;
import io.registry.platform.problem.RegistryException;
import io.registry.testkit.FakeIndex;
import io.registry.testkit.TestImage;
import java.util.Set;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What everybody promises who asks an index about tokens. */
public abstract class TokenVerifierContract {
  protected static final String REPOSITORY = "team/app";
  protected static final RepositoryName APP = new RepositoryName("team", "app");
  protected static final ImageId IMAGE = new ImageId(TestImage.id("image"));
  protected static final ImageId OTHER = new ImageId(TestImage.id("other"));

  protected final FakeIndex index = FakeIndex.start();

  /** Asks the index; patiently, so that a slow machine is no failure. */
  protected TokenVerifier verifier;

  /** Makes what is tested. */
  protected abstract TokenVerifier newVerifier();

  @BeforeEach
  void begin() {
    verifier = newVerifier();
    index.list(REPOSITORY, IMAGE.value());
  }

  @AfterEach
  void closeIndex() {
    index.close();
  }

  protected final AccessToken token(String access) {
    return TokenHeader.token(index.issue(REPOSITORY, access)).orElseThrow();
  }

  protected static void assertUnavailable(ThrowingCallable question) {
    assertThatThrownBy(question)
        .asInstanceOf(InstanceOfAssertFactories.throwable(RegistryException.class))
        .hasMessage("The index does not answer")
        .extracting(RegistryException::problem)
        .isEqualTo(Problem.UNAVAILABLE);
  }

  @ParameterizedTest
  @ValueSource(strings = {"read", "write", "delete"})
  void aTokenThatTheIndexAcceptsIsGrantedWithTheImagesThatItLists(String access) {
    AccessToken token = token(access);
    assertThat(verifier.verify(token)).contains(new Grant("", APP, token.access(), Set.of(IMAGE)));
  }

  @Test
  void aTokenThatTheIndexRefusesIsGrantedNothing() {
    AccessToken token = token("write");
    index.revoke(token.header());

    assertThat(verifier.verify(token)).isEmpty();
    assertThat(verifier.verify(token)).isEmpty();
    assertThat(verifier.mayAccess(token, IMAGE)).isFalse();
  }

  @Test
  void whatOneTokenWasGrantedIsNothingToAnother() {
    AccessToken mine = token("write");
    AccessToken forged =
        TokenHeader.token(mine.header().replace("access=write", "access=delete")).orElseThrow();
    AccessToken moved =
        TokenHeader.token(mine.header().replace(REPOSITORY, "team/secret")).orElseThrow();
    index.allow(REPOSITORY, IMAGE.value());

    assertThat(verifier.verify(mine)).isPresent();
    assertThat(verifier.mayAccess(mine, IMAGE)).isTrue();
    assertThat(verifier.verify(forged)).isEmpty();
    assertThat(verifier.verify(moved)).isEmpty();
    assertThat(verifier.mayAccess(forged, IMAGE)).isFalse();
    assertThat(verifier.mayAccess(moved, IMAGE)).isFalse();
    assertThat(verifier.mayAccess(mine, OTHER)).isFalse();
  }

  @Test
  void anImageThatTheIndexSaysNoToMayBeHadAsSoonAsItSaysYes() {
    AccessToken token = token("write");
    assertThat(verifier.mayAccess(token, OTHER)).isFalse();
    index.allow(REPOSITORY, OTHER.value());
    assertThat(verifier.mayAccess(token, OTHER)).isTrue();
  }

  @Test
  void aTokenThatTheIndexRefusedIsGoodAsSoonAsItAcceptsIt() {
    AccessToken token = token("write");
    index.next(FakeIndex.status(401));
    assertThat(verifier.verify(token)).isEmpty();
    assertThat(verifier.verify(token)).isPresent();
  }

  @Test
  void anIndexThatFailsGivesNothingToAnybody() {
    AccessToken token = token("write");
    index.allow(REPOSITORY, IMAGE.value());
    index.always(FakeIndex.status(500));
    assertUnavailable(() -> verifier.verify(token));
    assertUnavailable(() -> verifier.mayAccess(token, IMAGE));

    index.recover();
    assertThat(verifier.verify(token)).isPresent();
    assertThat(verifier.mayAccess(token, IMAGE)).isTrue();
  }
}
