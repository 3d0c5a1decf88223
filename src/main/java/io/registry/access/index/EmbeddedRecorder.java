package io.registry.access.index;

import io.registry.access.auth.AccessRecorder;
import io.registry.access.auth.Action;
import io.registry.access.auth.Caller;
import io.registry.access.index.RepositoryRights.Party;
import io.registry.content.image.ImageId;
import io.registry.content.repository.RepositoryName;
import io.registry.content.repository.TaggedImages;
import java.util.Collection;
import java.util.List;

/** Notes to which repositories images belong, and which repositories an account has opened. */
final class EmbeddedRecorder implements AccessRecorder {
  private final RepositoryRights rights;
  private final RepositoryVisibilities visibilities;
  private final ImageClaims claims;
  private final TaggedImages tagged;
  private final TagHints hints;
  private final OpenedRepositories opened;

  EmbeddedRecorder(
      RepositoryRights rights,
      RepositoryVisibilities visibilities,
      ImageClaims claims,
      TaggedImages tagged,
      OpenedRepositories opened) {
    this.rights = rights;
    this.visibilities = visibilities;
    this.claims = claims;
    this.tagged = tagged;
    this.hints = new TagHints(claims, tagged);
    this.opened = opened;
  }

  @Override
  public void opened(Caller caller, RepositoryName repository) {
    // A token names its repository with each request for an image.
    if (caller instanceof Caller.Account || caller instanceof Caller.Anonymous) {
      hints.note(repository);
    }
    if (caller instanceof Caller.Account account && !account.admin()) {
      opened.note(account.name(), repository);
    }
  }

  @Override
  public void announced(Caller caller, RepositoryName repository, Collection<ImageId> images) {
    visibilities.created(repository);
    claims.claim(repository, images, rights.party(caller).name().orElse(""));
  }

  @Override
  public void received(Caller caller, ImageId image) {
    if (caller instanceof Caller.Bearer bearer) {
      received(bearer.grant().repository(), image);
      return;
    }
    // Only where this very account has claimed it: others may have claimed it for theirs.
    Party party = rights.party(caller);
    party
        .name()
        .ifPresent(
            name ->
                claims.claimedBy(name, image, EmbeddedPolicy.MAX_HOLDERS).stream()
                    .filter(repository -> rights.may(party, repository, Action.WRITE))
                    .forEach(repository -> claims.own(repository, image)));
  }

  @Override
  public void received(RepositoryName repository, ImageId image) {
    claims.own(repository, image);
  }

  @Override
  public void tagged(RepositoryName repository, ImageId image) {
    claims.tagged(repository, tagged.reachedFrom(image));
  }

  @Override
  public void linked(RepositoryName repository, ImageId image) {
    claims.tagged(repository, List.of(image));
  }

  @Override
  public void removed(RepositoryName repository) {
    claims.remove(repository);
    visibilities.removed(repository);
    hints.forget(repository);
  }
}
