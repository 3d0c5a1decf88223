package io.registry.contents;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/** The unpacked bytes of a layer, and not more of them than is allowed. */
final class UnpackedLayer extends FilterInputStream {
  /** Less than that is no burden, whatever it is made of. */
  private static final long FREE = 64L * 1024 * 1024;

  private final LayerSource packed;
  private final ContentsProperties.Limits limits;
  private long count;

  /**
   * An unpacked layer.
   *
   * @param in unpacks it
   * @param packed where that reads from
   * @param limits how much there may be
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
    // A small layer may keep a decompressor busy for long.
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
