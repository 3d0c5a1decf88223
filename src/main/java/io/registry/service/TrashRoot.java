package io.registry.service;

import io.registry.content.image.ImageId;
import io.registry.content.liveness.LiveContent;
import io.registry.content.liveness.LivenessRoot;
import io.registry.content.manifest.Digest;
import io.registry.content.repository.RepositoryName;
import io.registry.content.repository.TagState;
import io.registry.content.repository.Trash;
import org.springframework.stereotype.Component;

/** Keeps alive what can be restored, and what tags named before. */
@Component
final class TrashRoot implements LivenessRoot {
  private final Trash trash;

  TrashRoot(Trash trash) {
    this.trash = trash;
  }

  @Override
  public void contribute(LiveContent live) {
    trash.keep(
        new Trash.Kept() {
          @Override
          public void tag(RepositoryName repository, TagState state) {
            if (!state.image().isManifest()) {
              live.image(state.image());
            }
            state.manifest().ifPresent(digest -> manifest(repository, digest));
          }

          @Override
          public void manifest(RepositoryName repository, String digest) {
            live.manifest(repository, parsed(digest));
          }

          @Override
          public void blob(RepositoryName repository, String digest) {
            live.blob(repository, parsed(digest));
          }

          @Override
          public void image(ImageId image) {
            live.image(image);
          }
        });
  }

  private static Digest parsed(String digest) {
    return Digest.find(digest)
        .orElseThrow(() -> new IllegalStateException("no digest in the trash: " + digest));
  }
}
