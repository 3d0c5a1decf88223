package io.registry.content.archive;

import io.registry.content.manifest.Descriptor;
import io.registry.content.manifest.Digest;
import java.io.IOException;
import java.util.HashSet;
import java.util.Set;

/** An OCI layout in a tar ({@code oci-archive}). */
public final class LayoutArchive implements BlobSink {
  private final TarOutput tar;
  private final Set<Digest> written = new HashSet<>();

  /**
   * Begins a layout.
   *
   * @param tar where it is written; closed with this
   * @throws IOException when writing fails
   */
  public LayoutArchive(TarOutput tar) throws IOException {
    this.tar = tar;
    tar.add(LayoutFolder.MARK, Layouts.mark());
  }

  @Override
  public boolean has(Descriptor descriptor) {
    return written.contains(descriptor.digest());
  }

  @Override
  public boolean add(Descriptor descriptor, Content content) throws IOException {
    if (has(descriptor)) {
      return false;
    }
    tar.add(Layouts.path(descriptor.digest()), descriptor, content);
    return written.add(descriptor.digest());
  }

  @Override
  public byte[] index() {
    return new byte[0];
  }

  @Override
  public void finish(byte[] index) throws IOException {
    if (tar.isBroken()) {
      throw new IOException("The archive ends in the middle of damaged content");
    }
    tar.add(LayoutFolder.INDEX, index);
    tar.finish();
  }

  @Override
  public void close() throws IOException {
    tar.close();
  }
}
