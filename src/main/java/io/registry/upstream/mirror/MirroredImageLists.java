package io.registry.upstream.mirror;

import io.registry.content.image.ImageId;
import io.registry.content.repository.ImageLists;
import io.registry.content.repository.MaybeStale;
import io.registry.content.repository.RepositoryName;
import java.util.Optional;
import java.util.Set;

/** The local image lists, and for repositories without one those of the source's index. */
final class MirroredImageLists implements ImageLists {
  private final ImageLists local;
  private final V1Source source;
  private final MirrorMeters meters;
  private final AnswerCache<RepositoryName, byte[]> lists;

  MirroredImageLists(ImageLists local, V1Source source, MirrorMemory memory, MirrorMeters meters) {
    this.local = local;
    this.source = source;
    this.meters = meters;
    this.lists = memory.of((repository, json) -> json.length);
  }

  @Override
  public MaybeStale<byte[]> lookUp(RepositoryName repository) {
    Optional<byte[]> here = local.get(repository);
    meters.got("images", here.isPresent());
    return here.isPresent()
        ? new MaybeStale<>(here, false)
        : lists.get(repository, () -> source.imageList(repository));
  }

  @Override
  public Optional<byte[]> get(RepositoryName repository) {
    return lookUp(repository).value();
  }

  @Override
  public Set<ImageId> add(RepositoryName repository, byte[] json) {
    return local.add(repository, json);
  }

  @Override
  public void remove(RepositoryName repository) {
    local.remove(repository);
  }
}
