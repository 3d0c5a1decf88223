package io.registry.access.auth;

import io.registry.content.image.ImageId;
import io.registry.content.repository.RepositoryName;
import java.util.Set;

/** Decides about callers by what their tokens say, and leaves all others to the policy of V1. */
final class ScopedPolicy implements AccessPolicy {
  private final AccessPolicy others;

  ScopedPolicy(AccessPolicy others) {
    this.others = others;
  }

  @Override
  public Decision decide(Caller caller, RepositoryName repository, Action action) {
    if (!(caller instanceof Caller.Scoped scoped)) {
      return others.decide(caller, repository, action);
    }
    return scoped.rights().getOrDefault(repository, Set.of()).contains(action.access())
        ? Decision.ALLOWED
        : Decision.UNAUTHENTICATED;
  }

  @Override
  public Decision decide(Caller caller, ImageId image, Action action) {
    return caller instanceof Caller.Scoped
        ? Decision.UNAUTHENTICATED
        : others.decide(caller, image, action);
  }

  @Override
  public ReadScope scope(Caller caller) {
    if (!(caller instanceof Caller.Scoped scoped)) {
      return others.scope(caller);
    }
    return scoped.catalog() ? ReadScope.EVERYTHING : ReadScope.NOTHING;
  }

  @Override
  public boolean mayBuildOn(Caller caller, ImageId parent) {
    return !(caller instanceof Caller.Scoped) && others.mayBuildOn(caller, parent);
  }

  @Override
  public boolean mayTag(Caller caller, RepositoryName repository, ImageId image) {
    return !(caller instanceof Caller.Scoped) && others.mayTag(caller, repository, image);
  }
}
