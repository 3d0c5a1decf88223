package io.registry.access.index;

import static org.assertj.core.api.Assertions.assertThat;

import io.registry.access.index.ImageClaims.Holder;
import io.registry.access.index.ImageClaims.State;
import io.registry.content.image.ImageId;
import io.registry.content.repository.RepositoryName;
import io.registry.testkit.PassingClock;
import io.registry.testkit.TestDatabase;
import io.registry.testkit.Together;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** What the index notes of repositories and their images. */
@Tag("external")
@ParameterizedClass
@EnumSource
class ImageClaimsTest {
  private static final RepositoryName APP = new RepositoryName("alice", "app");
  private static final RepositoryName TOOL = new RepositoryName("bob", "tool/with slash");
  private static final ImageId IMAGE = new ImageId("a".repeat(64));
  private static final ImageId OTHER = new ImageId("b".repeat(64));

  @Parameter TestDatabase database = TestDatabase.H2;

  private IndexReplica index;
  private ImageClaims claims;
  private IndexedRepositories repositories;

  @BeforeEach
  void empty() {
    index = IndexReplica.on(database.emptied(), new PassingClock());
    claims = index.claims();
    repositories = index.repositories();
  }

  @Test
  void whatIsKnownOfAnImageNeverBecomesLess() {
    claims.claim(APP, List.of(IMAGE, IMAGE, OTHER), "alice");
    assertThat(claims.state(APP, IMAGE)).contains(State.CLAIMED);
    assertThat(claims.state(TOOL, IMAGE)).isEmpty();

    claims.tagged(APP, List.of(IMAGE, OTHER));
    claims.claim(APP, List.of(IMAGE), "alice");
    assertThat(claims.state(APP, IMAGE)).contains(State.TAGGED);

    claims.own(APP, IMAGE);
    claims.own(APP, IMAGE);
    claims.tagged(APP, List.of(IMAGE));
    claims.claim(APP, List.of(IMAGE), "alice");
    assertThat(claims.state(APP, IMAGE)).contains(State.OWNED);
    assertThat(claims.state(APP, OTHER)).contains(State.TAGGED);

    claims.own(TOOL, IMAGE);
    assertThat(claims.state(TOOL, IMAGE)).contains(State.OWNED);
    claims.claim(TOOL, List.of(), "alice");
  }

  @Test
  void holdersAreListedWithWhoSeesThem() {
    claims.own(APP, IMAGE);
    claims.claim(TOOL, List.of(IMAGE), "alice");
    claims.claim(TOOL, List.of(OTHER), "alice");
    repositories.setVisibility(APP, Visibility.PUBLIC);

    assertThat(claims.holders(List.of(IMAGE), 10))
        .containsExactly(new Holder(IMAGE, APP, State.OWNED, true, Optional.empty()));
    index.users("bob");
    assertThat(claims.holders(List.of(IMAGE), "bob", true, 10))
        .containsExactly(new Holder(IMAGE, TOOL, State.CLAIMED, false, Optional.empty()));
  }

  @Test
  void ofSeveralImagesTheHoldersThatCountForAnAccountAreFoundAtOnce() {
    RepositoryName base = new RepositoryName("library", "base");
    RepositoryName shared = new RepositoryName("shop", "app");
    index.users("alice", "bob");
    index.namespaces().create("shop", new Owner(PartyKind.ACCOUNT, "bob"));
    Member alice = new Member(PartyKind.ACCOUNT, "alice");
    index.namespaces().setMember("shop", alice, Role.READ);
    claims.own(base, IMAGE);
    claims.tagged(shared, List.of(IMAGE, OTHER));
    claims.own(TOOL, OTHER);

    assertThat(claims.holders(List.of(IMAGE, OTHER), "alice", true, 10))
        .containsExactly(new Holder(IMAGE, base, State.OWNED, true, Optional.empty()));

    index.namespaces().setMember("shop", alice, Role.WRITE);
    new OpenedRepositories(index.database(), index.clock(), Duration.ofHours(1))
        .note("alice", TOOL);
    Holder opened =
        new Holder(
            OTHER,
            TOOL,
            State.OWNED,
            false,
            Optional.of(index.clock().instant().plus(Duration.ofHours(1))));
    Holder written = new Holder(OTHER, shared, State.TAGGED, false, Optional.empty());
    assertThat(claims.holders(List.of(IMAGE, OTHER), "alice", true, 10))
        .containsExactly(
            new Holder(IMAGE, base, State.OWNED, true, Optional.empty()),
            new Holder(IMAGE, shared, State.TAGGED, false, Optional.empty()),
            opened,
            written);
    assertThat(claims.holders(List.of(OTHER), "alice", true, 1)).containsExactly(opened);
    assertThat(claims.holders(List.of(OTHER), "alice", false, 10)).containsExactly(written);
  }

  @Test
  void ofAReleasedImageNotesOfTagsRemain() {
    claims.own(APP, IMAGE);
    claims.own(APP, OTHER);
    claims.claim(TOOL, List.of(IMAGE), "bob");

    claims.release(IMAGE, true);

    assertThat(claims.state(APP, IMAGE)).contains(State.TAGGED);
    assertThat(claims.state(TOOL, IMAGE)).isEmpty();
    assertThat(claims.claimedBy("bob", IMAGE, 10)).isEmpty();
    assertThat(claims.owned(APP, List.of(IMAGE, OTHER))).containsExactly(OTHER);
  }

  @Test
  void claimsDoNotCrowdOutThoseWhoHaveTheImage() {
    for (int i = 0; i < 20; i++) {
      claims.claim(new RepositoryName("aaa", "squatter" + i), List.of(IMAGE), "alice");
    }
    claims.own(TOOL, IMAGE);
    RepositoryName last = new RepositoryName("zed", "public");
    claims.tagged(last, List.of(IMAGE));
    repositories.setVisibility(last, Visibility.PUBLIC);

    assertThat(claims.holders(List.of(IMAGE), 2))
        .extracting(Holder::repository)
        .containsExactly(TOOL, last);
  }

  @Test
  void aRepositoryIsForgottenWithItsImages() {
    claims.own(APP, IMAGE);
    claims.own(TOOL, IMAGE);
    repositories.setVisibility(APP, Visibility.PUBLIC);

    claims.remove(APP);
    claims.remove(APP);
    repositories.remove(APP);
    repositories.remove(APP);

    assertThat(claims.state(APP, IMAGE)).isEmpty();
    assertThat(claims.state(TOOL, IMAGE)).contains(State.OWNED);
    assertThat(repositories.visibility(APP)).isEmpty();
  }

  @Test
  void replicasThatNoteTheSameImagesAtOnceNeitherFailNorLoseAny() throws Exception {
    ImageClaims others = IndexReplica.on(database.shared(), new PassingClock()).claims();
    List<ImageId> images =
        IntStream.range(0, 100).mapToObj(i -> new ImageId("%064x".formatted(i))).toList();

    Together.run(
        List.of(
            () -> claims.claim(APP, IndexReplica.shuffled(images), "alice"),
            () -> others.claim(APP, IndexReplica.shuffled(images), "alice"),
            () -> claims.tagged(APP, IndexReplica.shuffled(images)),
            () -> others.tagged(APP, IndexReplica.shuffled(images)),
            () -> images.forEach(image -> others.own(APP, image))));

    assertThat(images).allMatch(image -> claims.state(APP, image).equals(Optional.of(State.OWNED)));
  }

  @Test
  void aRepositoryMayBeForgottenWhileItsImagesAreNoted() throws Exception {
    List<ImageId> images =
        IntStream.range(0, 200).mapToObj(i -> new ImageId("%064x".formatted(i))).toList();
    List<ImageId> backwards = new ArrayList<>(images);
    Collections.reverse(backwards);
    // As they lie in a table that is read from its beginning.
    backwards.forEach(image -> claims.claim(APP, List.of(image), "alice"));

    for (int round = 0; round < 5; round++) {
      Together.run(List.of(() -> claims.tagged(APP, images), () -> claims.remove(APP)));
    }

    claims.remove(APP);
    assertThat(claims.state(APP, IMAGE)).isEmpty();
  }

  @Test
  void aRepositoryIsNewOnce() {
    assertThat(repositories.createIfAbsent(APP, Visibility.PRIVATE)).isTrue();
    assertThat(repositories.createIfAbsent(APP, Visibility.PUBLIC)).isFalse();
    assertThat(repositories.visibility(APP)).contains(Visibility.PRIVATE);

    repositories.setVisibility(APP, Visibility.PUBLIC);
    repositories.setVisibility(TOOL, Visibility.PRIVATE);
    assertThat(repositories.visibility(APP)).contains(Visibility.PUBLIC);
    assertThat(repositories.visibility(TOOL)).contains(Visibility.PRIVATE);
  }

  @Test
  void repositoriesAreListedInPages() {
    RepositoryName second = new RepositoryName("alice", "base");
    repositories.setVisibility(second, Visibility.PUBLIC);
    repositories.setVisibility(APP, Visibility.PRIVATE);
    repositories.setVisibility(TOOL, Visibility.PRIVATE);

    assertThat(repositories.list("alice", EnumSet.allOf(Visibility.class), "", 1))
        .containsExactly(new IndexedRepository(APP, Visibility.PRIVATE));
    assertThat(repositories.list("alice", EnumSet.allOf(Visibility.class), "app", 5))
        .containsExactly(new IndexedRepository(second, Visibility.PUBLIC));
    assertThat(repositories.list("alice", EnumSet.of(Visibility.PUBLIC), "", 1))
        .containsExactly(new IndexedRepository(second, Visibility.PUBLIC));
  }

  @Test
  void whoeverClaimsAnImageIsKnownUntilItIsShown() {
    claims.claim(APP, List.of(IMAGE), "alice");
    claims.claim(TOOL, List.of(IMAGE), "alice");
    claims.claim(TOOL, List.of(IMAGE), "mallory");
    claims.claim(TOOL, List.of(IMAGE), "mallory");

    assertThat(claims.claimedBy("alice", IMAGE, 10)).containsExactly(APP, TOOL);
    assertThat(claims.claimedBy("mallory", IMAGE, 10)).containsExactly(TOOL);

    claims.own(APP, IMAGE);
    claims.claim(APP, List.of(IMAGE), "mallory");

    assertThat(claims.claimedBy("alice", IMAGE, 10)).containsExactly(TOOL);
    assertThat(claims.claimedBy("mallory", IMAGE, 10)).containsExactly(TOOL);
  }
}
