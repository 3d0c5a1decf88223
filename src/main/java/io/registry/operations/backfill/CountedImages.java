package io.registry.operations.backfill;

import io.registry.content.image.ImageDescriptor;
import io.registry.content.image.ImageId;
import io.registry.content.image.ImageReader;
import io.registry.content.walk.ReadRate;
import io.registry.operations.backfill.BackfillCounts.Count;
import io.registry.storage.Blob;
import io.registry.storage.BlobInfo;
import io.registry.storage.ByteRange;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Images whose layers are counted when they are read, and not read too fast. */
final class CountedImages implements ImageReader {
  private final ImageReader images;
  private final BackfillCounts counts;
  private final Optional<ReadRate> rate;

  CountedImages(ImageReader images, BackfillCounts counts, Optional<ReadRate> rate) {
    this.images = images;
    this.counts = counts;
    this.rate = rate;
  }

  @Override
  public ImageDescriptor describe(ImageId id) {
    return images.describe(id);
  }

  @Override
  public BlobInfo layerInfo(ImageId id) {
    return images.layerInfo(id);
  }

  @Override
  public Optional<URI> layerUrl(ImageId id) {
    return images.layerUrl(id);
  }

  @Override
  public List<ImageId> ancestry(ImageId id) {
    return images.ancestry(id);
  }

  @Override
  public void requireComplete(ImageId id) {
    images.requireComplete(id);
  }

  @Override
  public Blob layer(ImageId id, ByteRange range) {
    Blob layer = images.layer(id, range);
    counts.add(Count.LAYERS_READ, 1);
    return new CountedBlob(layer);
  }

  private final class CountedBlob implements Blob {
    private final Blob blob;

    CountedBlob(Blob blob) {
      this.blob = blob;
    }

    @Override
    public InputStream body() {
      return new CountedStream(blob.body());
    }

    @Override
    public long size() {
      return blob.size();
    }

    @Override
    public long offset() {
      return blob.offset();
    }

    @Override
    public long length() {
      return blob.length();
    }

    @Override
    public String version() {
      return blob.version();
    }

    /** None: what is read past the body would not be counted. */
    @Override
    public Optional<Path> file() {
      return Optional.empty();
    }

    @Override
    public void close() {
      blob.close();
    }
  }

  /** Scanners read arrays only. */
  private final class CountedStream extends FilterInputStream {
    CountedStream(InputStream in) {
      super(in);
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      int read = super.read(bytes, offset, length);
      if (read > 0) {
        counts.add(Count.BYTES_READ, read);
        rate.ifPresent(limit -> limit.passed(read));
      }
      return read;
    }
  }
}
