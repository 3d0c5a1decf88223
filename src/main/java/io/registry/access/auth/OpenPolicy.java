package io.registry.access.auth;

import io.registry.content.image.ImageId;
import io.registry.content.repository.RepositoryName;

/** The policy without an index: every caller may do everything. */
final class OpenPolicy implements AccessPolicy {

  @Override
  public Decision decide(Caller caller, RepositoryName repository, Action action) {
    return Decision.ALLOWED;
  }

  @Override
  public Decision decide(Caller caller, ImageId image, Action action) {
    return Decision.ALLOWED;
  }

  @Override
  public ReadScope scope(Caller caller) {
    return ReadScope.EVERYTHING;
  }

  @Override
  public boolean mayBuildOn(Caller caller, ImageId parent) {
    return true;
  }

  @Override
  public boolean mayTag(Caller caller, RepositoryName repository, ImageId image) {
    return true;
  }
}
