package io.registry.content.image;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorOutputStream;
import org.apache.commons.compress.compressors.xz.XZCompressorOutputStream;
import org.junit.jupiter.api.Test;

class LayerFormTest {
  private static final int END_BLOCKS = 1024;

  @Test
  void wholeLayersOfEveryFormAreWhole() throws IOException {
    byte[] tar = tar();

    assertThat(form(tar)).isEqualTo(LayerForm.WHOLE);
    assertThat(form(gzip(tar))).isEqualTo(LayerForm.WHOLE);
    assertThat(form(bzip2(tar))).isEqualTo(LayerForm.WHOLE);
    assertThat(form(xz(tar))).isEqualTo(LayerForm.WHOLE);
  }

  @Test
  void whatOldDaemonsSentWithoutEndBlocksIsWhole() throws IOException {
    byte[] tar = tar();
    byte[] bare = Arrays.copyOf(tar, 512 + 1024);

    assertThat(form(bare)).isEqualTo(LayerForm.WHOLE);
    assertThat(form(gzip(bare))).isEqualTo(LayerForm.WHOLE);
  }

  @Test
  void whatHasNoFormIsWhole() {
    assertThat(form(new byte[0])).isEqualTo(LayerForm.WHOLE);
    assertThat(form("layer bytes".getBytes(java.nio.charset.StandardCharsets.UTF_8)))
        .isEqualTo(LayerForm.WHOLE);
    assertThat(form(new byte[END_BLOCKS])).isEqualTo(LayerForm.WHOLE);
  }

  @Test
  void aLayerThatIsCutIsFoundWhereverItIsCut() throws IOException {
    byte[] tar = tar();
    assertThat(form(Arrays.copyOf(tar, 512 + 700))).isEqualTo(LayerForm.CUT);
    for (byte[] whole : new byte[][] {gzip(tar), bzip2(tar), xz(tar)}) {
      for (int length = 20; length < whole.length; length += 7) {
        assertThat(form(Arrays.copyOf(whole, length)))
            .as("%s of %s bytes", length, whole.length)
            .isEqualTo(LayerForm.CUT);
      }
    }
  }

  @Test
  void aLayerWithAWrongByteIsBroken() throws IOException {
    byte[] gzip = gzip(tar());
    gzip[gzip.length - 6] ^= 1;

    assertThat(form(gzip)).isEqualTo(LayerForm.BROKEN);
  }

  private static LayerForm form(byte[] layer) {
    return LayerForm.of(new ByteArrayInputStream(layer));
  }

  // A file of 1000 bytes: a block for its header and two for its content, and the end.
  private static byte[] tar() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    byte[] content = new byte[1000];
    new Random(7).nextBytes(content);
    try (TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes)) {
      TarArchiveEntry entry = new TarArchiveEntry("file");
      entry.setSize(content.length);
      tar.putArchiveEntry(entry);
      tar.write(content);
      tar.closeArchiveEntry();
    }
    return bytes.toByteArray();
  }

  private interface Compression {
    OutputStream over(OutputStream out) throws IOException;
  }

  private static byte[] gzip(byte[] tar) throws IOException {
    return compress(tar, GZIPOutputStream::new);
  }

  private static byte[] bzip2(byte[] tar) throws IOException {
    return compress(tar, BZip2CompressorOutputStream::new);
  }

  private static byte[] xz(byte[] tar) throws IOException {
    return compress(tar, XZCompressorOutputStream::new);
  }

  private static byte[] compress(byte[] tar, Compression compression) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (OutputStream out = compression.over(bytes)) {
      out.write(tar);
    }
    return bytes.toByteArray();
  }
}
