package io.registry.content.files;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/** The decompressed bytes of a layer, limited in size and compression ratio. */
final class UnpackedLayer extends FilterInputStream {
  /** The compression ratio is not checked below this size. */
  private static final long FREE = 64L * 1024 * 1024;

  private final LayerSource packed;
  private final ContentsProperties.Limits limits;
  private long count;

  /**
   * Creates the stream.
   *
   * @param in decompresses the layer
   * @param packed the compressed bytes that it reads
   * @param limits the limits
   */
  UnpackedLayer(InputStream in, LayerSource packed, ContentsProperties.Limits limits) {
    super(in);
    this.packed = packed;
    this.limits = limits;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    // Even a small layer may keep a decompressor busy for long.
    packed.check();
    int read = super.read(bytes, offset, length);
    count += Math.max(read, 0);
    if (count > limits.size().toBytes()) {
      throw LayerRefusals.tooMuch(
          "unpacked it has more than " + limits.size().toBytes() + " bytes");
    }
    if (count > FREE && count / limits.ratio() > packed.count()) {
      throw LayerRefusals.tooMuch(
          "unpacked it is more than " + limits.ratio() + " times as large as packed");
    }
    return read;
  }

  @Override
  public long skip(long bytes) throws IOException {
    return readNBytes((int) Math.min(bytes, 1024)).length;
  }

  @Override
  public boolean markSupported() {
    return false;
  }
}
