package io.registry.access.index;

import io.registry.access.auth.AccessPolicy;
import io.registry.access.auth.Action;
import io.registry.access.auth.Caller;
import io.registry.access.auth.Decision;
import io.registry.access.auth.ReadScope;
import io.registry.access.index.ImageClaims.Holder;
import io.registry.access.index.ImageClaims.State;
import io.registry.access.index.RepositoryRights.Party;
import io.registry.content.image.ImageId;
import io.registry.content.repository.RepositoryName;
import io.registry.content.repository.TaggedImages;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/**
 * Decides by the accounts of this registry.
 *
 * <p>An image belongs to a repository when it is in the ancestry of a tag, or when all its bytes
 * were sent for the repository. That a client has listed an id proves nothing: every client may
 * list any id. A token grants access through its own repository only. A request with a name and
 * password does not name a repository; it may use the images of each repository that the account
 * may write, that is trusted, or that the account has opened.
 *
 * <p>A client that pushes need not send an image that the registry has already. An image that only
 * accounts without a relation to the client have pushed does not count as present, even if it is
 * public: clients choose the ids, and the bytes may differ.
 */
final class EmbeddedPolicy implements AccessPolicy {
  /** Of more repositories that hold one image, the others are not looked at. */
  static final int MAX_HOLDERS = 1_000;

  /** Up to how many are looked at for each image when there are several images. */
  private static final int MAX_HOLDERS_OF_EACH = 100;

  private final RepositoryRights rights;
  private final ImageClaims claims;
  private final TaggedImages tagged;
  private final OpenedRepositories opened;

  EmbeddedPolicy(
      RepositoryRights rights, ImageClaims claims, TaggedImages tagged, OpenedRepositories opened) {
    this.rights = rights;
    this.claims = claims;
    this.tagged = tagged;
    this.opened = opened;
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
    // The answer must be the same whether or not the repository exists.
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
        action == Action.READ
            ? count(caller, party, List.of(image))
            : mayWriteSomewhere(party, image);
    if (allowed) {
      return Decision.ALLOWED;
    }
    if (party.name().isEmpty()) {
      return Decision.UNAUTHENTICATED;
    }
    return action == Action.READ ? Decision.HIDDEN : Decision.FOREIGN;
  }

  @Override
  public ReadScope scope(Caller caller) {
    if (caller instanceof Caller.Privileged) {
      return ReadScope.EVERYTHING;
    }
    return caller instanceof Caller.Bearer bearer
        ? ReadScope.of(bearer.grant().repository())
        : rights.scope(rights.party(caller));
  }

  private Decision read(Caller.Bearer bearer, ImageId image) {
    Party party = rights.party(bearer);
    RepositoryName repository = bearer.grant().repository();
    if (rights.may(party, repository, Action.READ) && belongs(repository, image)) {
      return Decision.ALLOWED;
    }
    // A client need not send an image that counts as present.
    boolean pushes =
        isCovered(bearer, Action.WRITE)
            && claims.state(repository, image).isPresent()
            && rights.may(party, repository, Action.WRITE);
    return pushes && count(bearer, party, List.of(image)) ? Decision.ALLOWED : Decision.HIDDEN;
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
        || mayUse(
            caller,
            parent,
            chain ->
                caller instanceof Caller.Bearer bearer
                    ? foreign(bearer.grant().repository(), chain)
                    : chain);
  }

  @Override
  public boolean mayTag(Caller caller, RepositoryName repository, ImageId image) {
    return isAlmighty(caller) || mayUse(caller, image, chain -> foreign(repository, chain));
  }

  private boolean mayUse(Caller caller, ImageId image, UnaryOperator<List<ImageId>> foreign) {
    return tagged
        .ancestry(image)
        .filter(chain -> count(caller, rights.party(caller), foreign.apply(chain)))
        .isPresent();
  }

  // The images of a chain that do not belong to the repository.
  private List<ImageId> foreign(RepositoryName repository, List<ImageId> chain) {
    Set<ImageId> owned = claims.owned(repository, chain);
    List<ImageId> others = chain.stream().filter(image -> !owned.contains(image)).toList();
    return others.isEmpty() ? others : tagged.beyond(repository, others);
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

  /**
   * Whether images count as present, so that a client may use them without sending them.
   *
   * @param chain the images, each before its ancestors
   */
  private boolean count(Caller caller, Party party, List<ImageId> chain) {
    // Usually a tag leads to the first image, and so to all of them: then one query suffices.
    int first = Math.min(1, chain.size());
    for (List<ImageId> part :
        List.of(chain.subList(0, first), chain.subList(first, chain.size()))) {
      Map<ImageId, List<Holder>> holders =
          holders(caller, party, part).stream().collect(Collectors.groupingBy(Holder::image));
      for (ImageId image : part) {
        Optional<Holder> holder =
            holders.getOrDefault(image, List.of()).stream()
                .filter(each -> mayUse(party, each) && holds(each))
                .findFirst();
        if (holder.isEmpty()) {
          return false;
        }
        holder.get().openedUntil().ifPresent(until -> used(party, holder.get(), until));
        if (holder.get().state() == State.TAGGED) {
          return true;
        }
      }
    }
    return true;
  }

  private List<Holder> holders(Caller caller, Party party, List<ImageId> images) {
    int limit = images.size() > 1 ? MAX_HOLDERS_OF_EACH : MAX_HOLDERS;
    boolean namesNone = caller instanceof Caller.Account;
    List<Holder> holders = new ArrayList<>();
    party.name().ifPresent(name -> holders.addAll(claims.holders(images, name, namesNone, limit)));
    if (party.name().isEmpty() || party.admin()) {
      holders.addAll(claims.holders(images, limit));
    }
    return holders;
  }

  private boolean mayUse(Party party, Holder holder) {
    Action needed =
        holder.trusted() || holder.openedUntil().isPresent() ? Action.READ : Action.WRITE;
    return holder.state() != State.CLAIMED && rights.may(party, holder.repository(), needed);
  }

  // The claims say that a tag has led to the image at some time; the tag may have changed since.
  private boolean holds(Holder holder) {
    return holder.state() == State.OWNED || tagged.contains(holder.repository(), holder.image());
  }

  private void used(Party party, Holder holder, Instant until) {
    party.name().ifPresent(name -> opened.used(name, holder.repository(), until));
  }

  private boolean mayWriteSomewhere(Party party, ImageId image) {
    return party
        .name()
        .filter(
            name ->
                claims.holders(List.of(image), name, false, MAX_HOLDERS).stream()
                    .anyMatch(holder -> rights.may(party, holder.repository(), Action.WRITE)))
        .isPresent();
  }
}
