package io.registry.content.archive;

import io.registry.content.manifest.Descriptor;
import io.registry.content.manifest.Digest;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/** Finds out what a layout lacks, reads no content, and writes nothing. */
public final class LayoutPlan implements BlobSink {
  private final Optional<Path> folder;
  private final Set<Digest> planned = new HashSet<>();

  /**
   * A plan.
   *
   * @param folder the layout, which need not exist; empty for an archive
   */
  public LayoutPlan(Optional<Path> folder) {
    this.folder = folder;
  }

  @Override
  public boolean add(Descriptor descriptor, Content content) {
    return !has(descriptor) && planned.add(descriptor.digest());
  }

  @Override
  public boolean has(Descriptor descriptor) {
    return planned.contains(descriptor.digest())
        || folder.filter(layout -> Layouts.contains(layout, descriptor)).isPresent();
  }

  @Override
  public byte[] index() {
    return new byte[0];
  }

  @Override
  public void finish(byte[] index) {}

  @Override
  public void close() {}
}
