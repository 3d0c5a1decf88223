package io.registry.service;

import io.registry.bridge.BridgedBlob;
import io.registry.content.image.ImageId;
import io.registry.content.manifest.Digest;
import io.registry.content.repository.MaybeStale;
import io.registry.content.repository.RepositoryName;
import io.registry.content.repository.TagName;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Where repositories have content that is not here: the source of a mirror that speaks V2. It is
 * asked for what is not in the store only, and never says anything about the store.
 */
public interface UpstreamContent {
  /** The source of a registry that is no mirror, or whose source speaks V1. */
  UpstreamContent NONE =
      new UpstreamContent() {
        @Override
        public MaybeStale<Set<String>> tags(RepositoryName repository) {
          return new MaybeStale<>(Optional.empty(), false);
        }

        @Override
        public MaybeStale<Digest> manifest(RepositoryName repository, TagName tag) {
          return new MaybeStale<>(Optional.empty(), false);
        }

        @Override
        public MaybeStale<Digest> manifest(RepositoryName repository, Digest digest) {
          return new MaybeStale<>(Optional.empty(), false);
        }

        @Override
        public MaybeStale<BridgedBlob> blob(RepositoryName repository, Digest digest) {
          return new MaybeStale<>(Optional.empty(), false);
        }

        @Override
        public MaybeStale<Map<String, ImageId>> images(RepositoryName repository) {
          return new MaybeStale<>(Optional.empty(), false);
        }

        @Override
        public MaybeStale<ImageId> image(RepositoryName repository, TagName tag) {
          return new MaybeStale<>(Optional.empty(), false);
        }
      };

  /** The names of the tags of a repository; empty when there is no such repository. */
  MaybeStale<Set<String>> tags(RepositoryName repository);

  /** The manifest that a tag names. The local repository contains it when this returns. */
  MaybeStale<Digest> manifest(RepositoryName repository, TagName tag);

  /** Finds a manifest. The local repository contains it when this returns its digest. */
  MaybeStale<Digest> manifest(RepositoryName repository, Digest digest);

  /** A blob of a repository, which is stored when it is opened. */
  MaybeStale<BridgedBlob> blob(RepositoryName repository, Digest digest);

  /** The V1 image of each tag of a repository that V1 can express. */
  MaybeStale<Map<String, ImageId>> images(RepositoryName repository);

  /** The V1 image of a tag; empty when V1 cannot express it. */
  MaybeStale<ImageId> image(RepositoryName repository, TagName tag);
}
