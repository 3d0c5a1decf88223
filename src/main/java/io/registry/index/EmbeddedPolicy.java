package io.registry.index;

import io.registry.auth.AccessPolicy;
import io.registry.auth.Action;
import io.registry.auth.Caller;
import io.registry.auth.Decision;
import io.registry.auth.Sight;
import io.registry.image.Checksum;
import io.registry.image.ImageId;
import io.registry.index.ImageClaims.Holder;
import io.registry.index.ImageClaims.State;
import io.registry.index.RepositoryRights.Party;
import io.registry.repository.RepositoryName;
import io.registry.repository.TaggedImages;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Decides by the accounts of this registry.
 *
 * <p>An image belongs to a repository when it is in the ancestry of a tag, or when all its bytes
 * were sent for the repository. That somebody lists an id says nothing: anybody may list any. With
 * a token only its repository counts; with a name and password, which say nothing of a repository,
 * each that the account may use and that is known to hold the image.
 */
final class EmbeddedPolicy implements AccessPolicy {
  /** Of more repositories that hold one image, the others are not looked at. */
  private static final int MAX_HOLDERS = 1_000;

  private static final Set<Role> ANY_ROLE = EnumSet.allOf(Role.class);
  private static final Set<Role> WRITING_ROLES = EnumSet.of(Role.WRITE, Role.ADMIN);

  private final RepositoryRights rights;
  private final RepositoryVisibilities visibilities;
  private final ImageClaims claims;
  private final TaggedImages tagged;
  private final TagHints hints;

  EmbeddedPolicy(
      RepositoryRights rights,
      RepositoryVisibilities visibilities,
      ImageClaims claims,
      TaggedImages tagged) {
    this.rights = rights;
    this.visibilities = visibilities;
    this.claims = claims;
    this.tagged = tagged;
    this.hints = new TagHints(claims, tagged);
  }

  @Override
  public Decision decide(Caller caller, RepositoryName repository, Action action) {
    if (caller instanceof Caller.Privileged) {
      return Decision.ALLOWED;
    }
    if (!isWithin(caller, repository, action)) {
      return Decision.UNAUTHENTICATED;
    }
    Party party = rights.party(caller);
    if (rights.may(party, repository, action)) {
      return Decision.ALLOWED;
    }
    if (party.name().isEmpty()) {
      return Decision.UNAUTHENTICATED;
    }
    // Who may not write is told so whether there is such a repository or not.
    return action == Action.READ ? Decision.HIDDEN : Decision.FORBIDDEN;
  }

  private static boolean isWithin(Caller caller, RepositoryName repository, Action action) {
    return !(caller instanceof Caller.Bearer bearer)
        || (bearer.grant().repository().equals(repository) && isCovered(bearer, action));
  }

  private static boolean isCovered(Caller.Bearer bearer, Action action) {
    return bearer.grant().access().covers(action.access());
  }

  @Override
  public Decision decide(Caller caller, ImageId image, Action action) {
    if (isAlmighty(caller)) {
      return Decision.ALLOWED;
    }
    if (caller instanceof Caller.Bearer bearer) {
      if (!isCovered(bearer, action)) {
        return Decision.UNAUTHENTICATED;
      }
      return action == Action.READ ? read(bearer, image) : write(bearer, image);
    }
    Party party = rights.party(caller);
    boolean allowed =
        action == Action.READ ? mayReadSomewhere(party, image) : mayWriteSomewhere(party, image);
    if (allowed) {
      return Decision.ALLOWED;
    }
    if (party.name().isEmpty()) {
      return Decision.UNAUTHENTICATED;
    }
    return action == Action.READ ? Decision.HIDDEN : Decision.FOREIGN;
  }

  @Override
  public Sight sight(Caller caller) {
    if (caller instanceof Caller.Privileged) {
      return Sight.EVERYTHING;
    }
    return caller instanceof Caller.Bearer bearer
        ? Sight.of(bearer.grant().repository())
        : rights.sight(rights.party(caller));
  }

  private Decision read(Caller.Bearer bearer, ImageId image) {
    Party party = rights.party(bearer);
    RepositoryName repository = bearer.grant().repository();
    if (rights.may(party, repository, Action.READ) && belongs(repository, image)) {
      return Decision.ALLOWED;
    }
    // What the user may read elsewhere need not be sent again to be pushed here.
    boolean pushes =
        isCovered(bearer, Action.WRITE)
            && claims.state(repository, image).isPresent()
            && rights.may(party, repository, Action.WRITE);
    return pushes && mayReadSomewhere(party, image) ? Decision.ALLOWED : Decision.HIDDEN;
  }

  private Decision write(Caller.Bearer bearer, ImageId image) {
    RepositoryName repository = bearer.grant().repository();
    if (!rights.may(rights.party(bearer), repository, Action.WRITE)) {
      return Decision.FORBIDDEN;
    }
    return isListed(repository, image) ? Decision.ALLOWED : Decision.FOREIGN;
  }

  @Override
  public boolean mayBuildOn(Caller caller, ImageId parent) {
    return isAlmighty(caller)
        || (caller instanceof Caller.Bearer bearer && belongs(bearer.grant().repository(), parent))
        || mayReadSomewhere(rights.party(caller), parent);
  }

  @Override
  public boolean mayTag(Caller caller, RepositoryName repository, ImageId image) {
    return isAlmighty(caller)
        || belongs(repository, image)
        || mayReadSomewhere(rights.party(caller), image);
  }

  @Override
  public void opened(Caller caller, RepositoryName repository) {
    // A token names its repository with each request for an image.
    if (caller instanceof Caller.Account || caller instanceof Caller.Anonymous) {
      hints.note(repository);
    }
  }

  @Override
  public void announced(Caller caller, RepositoryName repository, Collection<ImageId> images) {
    visibilities.created(repository);
    claims.claim(repository, images, rights.party(caller).name().orElse(""));
  }

  @Override
  public void sent(Caller caller, ImageId image, Checksum layer) {
    rights.party(caller).name().ifPresent(name -> claims.sent(name, image, layer));
  }

  @Override
  public boolean hasSent(Caller caller, ImageId image, Checksum layer) {
    if (isAlmighty(caller)) {
      return true;
    }
    Party party = rights.party(caller);
    return claims.sentFor(image, layer, MAX_HOLDERS).stream()
        .anyMatch(
            repository ->
                isWithin(caller, repository, Action.WRITE)
                    && rights.may(party, repository, Action.WRITE));
  }

  @Override
  public void received(Caller caller, ImageId image) {
    if (caller instanceof Caller.Bearer bearer) {
      claims.own(bearer.grant().repository(), image);
      return;
    }
    // Only where this very account has claimed it: others may have claimed it for theirs.
    Party party = rights.party(caller);
    party
        .name()
        .ifPresent(
            name ->
                claims.claimedBy(name, image, MAX_HOLDERS).stream()
                    .filter(repository -> rights.may(party, repository, Action.WRITE))
                    .forEach(repository -> claims.own(repository, image)));
  }

  @Override
  public void tagged(RepositoryName repository, ImageId image) {
    claims.tagged(repository, tagged.reachedFrom(image));
  }

  @Override
  public void removed(RepositoryName repository) {
    claims.remove(repository);
    visibilities.removed(repository);
    hints.forget(repository);
  }

  private static boolean isAlmighty(Caller caller) {
    return caller instanceof Caller.Privileged
        || (caller instanceof Caller.Account account && account.admin());
  }

  private boolean belongs(RepositoryName repository, ImageId image) {
    Optional<State> state = claims.state(repository, image);
    return state.filter(known -> known == State.OWNED).isPresent()
        || tagged.contains(repository, image);
  }

  private boolean isListed(RepositoryName repository, ImageId image) {
    return claims.state(repository, image).isPresent() || tagged.contains(repository, image);
  }

  // The own ones are looked at first, so that however many others have it does not matter.
  private boolean mayReadSomewhere(Party party, ImageId image) {
    return party
            .name()
            .filter(
                name -> mayRead(party, claims.holders(image, name, ANY_ROLE, MAX_HOLDERS), image))
            .isPresent()
        || mayRead(party, claims.holders(image, MAX_HOLDERS), image);
  }

  private boolean mayRead(Party party, List<Holder> holders, ImageId image) {
    return holders.stream()
        .filter(holder -> holder.state() != State.CLAIMED)
        .anyMatch(
            holder -> rights.may(party, holder.repository(), Action.READ) && holds(holder, image));
  }

  // That a tag leads to the image was true once.
  private boolean holds(Holder holder, ImageId image) {
    return holder.state() == State.OWNED || tagged.contains(holder.repository(), image);
  }

  private boolean mayWriteSomewhere(Party party, ImageId image) {
    return party
        .name()
        .filter(
            name ->
                claims.holders(image, name, WRITING_ROLES, MAX_HOLDERS).stream()
                    .anyMatch(holder -> rights.may(party, holder.repository(), Action.WRITE)))
        .isPresent();
  }
}
