package io.registry.auth;

import io.registry.image.Checksum;
import io.registry.image.ImageId;
import io.registry.repository.RepositoryName;
import java.util.Collection;

/** Without an index everybody may do everything. */
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
  public boolean mayBuildOn(Caller caller, ImageId parent) {
    return true;
  }

  @Override
  public boolean mayTag(Caller caller, RepositoryName repository, ImageId image) {
    return true;
  }

  @Override
  public void opened(Caller caller, RepositoryName repository) {
    // Ids are enough.
  }

  @Override
  public void announced(Caller caller, RepositoryName repository, Collection<ImageId> images) {
    // Images are everybody's.
  }

  @Override
  public void sent(Caller caller, ImageId image, Checksum layer) {
    // Images are everybody's.
  }

  @Override
  public boolean hasSent(Caller caller, ImageId image, Checksum layer) {
    return true;
  }

  @Override
  public void received(Caller caller, ImageId image) {
    // Images are everybody's.
  }

  @Override
  public void tagged(RepositoryName repository, ImageId image) {
    // Images are everybody's.
  }

  @Override
  public void removed(RepositoryName repository) {
    // Nothing is known of it.
  }
}
