package io.registry.access.auth;

import io.registry.content.image.ImageId;
import io.registry.content.repository.RepositoryName;
import io.registry.content.repository.TaggedImages;

/**
 * Decides by what a remote index has allowed for a token (protocol 4.2, 4.4). An image belongs to
 * the token's repository when the index lists it there, or when it is in the ancestry of a tag.
 */
final class RemotePolicy implements AccessPolicy {
  private final TokenVerifier index;
  private final RepositoryVisibility visibility;
  private final TaggedImages tagged;
  private final AccessProperties settings;

  RemotePolicy(
      TokenVerifier index,
      RepositoryVisibility visibility,
      TaggedImages tagged,
      AccessProperties settings) {
    this.index = index;
    this.visibility = visibility;
    this.tagged = tagged;
    this.settings = settings;
  }

  @Override
  public Decision decide(Caller caller, RepositoryName repository, Action action) {
    boolean allowed =
        caller instanceof Caller.Privileged
            || (caller instanceof Caller.Bearer bearer
                && bearer.grant().repository().equals(repository)
                && isCovered(bearer, action))
            || (caller instanceof Caller.Anonymous
                && action == Action.READ
                && settings.isReadByAnonymous(IndexMode.REMOTE)
                && !visibility.isPrivate(repository));
    if (allowed) {
      return Decision.ALLOWED;
    }
    // Whom the index knows, and gives no such right.
    return caller instanceof Caller.Account && action != Action.READ
        ? Decision.FORBIDDEN
        : Decision.UNAUTHENTICATED;
  }

  @Override
  public Decision decide(Caller caller, ImageId image, Action action) {
    if (caller instanceof Caller.Privileged) {
      return Decision.ALLOWED;
    }
    // Without a token it is not known which repository the request is about.
    if (!(caller instanceof Caller.Bearer bearer) || !isCovered(bearer, action)) {
      return Decision.UNAUTHENTICATED;
    }
    if (!belongs(bearer.grant(), image)) {
      return action == Action.READ ? Decision.HIDDEN : Decision.FOREIGN;
    }
    return action == Action.READ && !mayRead(bearer, image) ? Decision.HIDDEN : Decision.ALLOWED;
  }

  @Override
  public ReadScope scope(Caller caller) {
    if (caller instanceof Caller.Privileged) {
      return ReadScope.EVERYTHING;
    }
    if (caller instanceof Caller.Bearer bearer) {
      return ReadScope.of(bearer.grant().repository());
    }
    return settings.isReadByAnonymous(IndexMode.REMOTE) ? ReadScope.PUBLIC : ReadScope.NOTHING;
  }

  private boolean mayRead(Caller.Bearer bearer, ImageId image) {
    return !visibility.isPrivate(bearer.grant().repository())
        || index.mayAccess(bearer.token(), image);
  }

  @Override
  public boolean mayBuildOn(Caller caller, ImageId parent) {
    return caller instanceof Caller.Privileged
        || (caller instanceof Caller.Bearer bearer && index.mayAccess(bearer.token(), parent));
  }

  @Override
  public boolean mayTag(Caller caller, RepositoryName repository, ImageId image) {
    return caller instanceof Caller.Privileged
        || (caller instanceof Caller.Bearer bearer && belongs(bearer.grant(), image));
  }

  private boolean belongs(Grant grant, ImageId image) {
    return grant.images().contains(image) || tagged.contains(grant.repository(), image);
  }

  private static boolean isCovered(Caller.Bearer bearer, Action action) {
    return bearer.grant().access().covers(action.access());
  }
}
