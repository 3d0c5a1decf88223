package io.registry.content.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.registry.testkit.OriginalStore;
import io.registry.testkit.RandomCases;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorOutputStream;
import org.apache.commons.compress.compressors.xz.XZCompressorOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Version 0 of the tarsum (protocol 3.2). The expected sums were computed by a program of its own,
 * in Python, that parses the tar by hand and agrees with the vectors of the protocol.
 */
class TarSumTest {
  private static final byte[] JSON =
      bytes(
          "{\"id\":\""
              + "1f".repeat(32)
              + "\",\"created\":\"2014-10-03T14:14:38Z\",\"architecture\":\"amd64\","
              + "\"os\":\"linux\",\"Size\":15}\n");
  private static final byte[] NO_JSON = new byte[0];

  private static final String VECTOR =
      "H4sIAAAAAAACA+3UwQoCIRDGcc89hW+Q4+r6PEFLLW0JakFvn+1xoaKDQfX/XUaYOQgfMzld1qoxUwXv51ot"
          + "6/wW66TzNnjplRHjOqe0Vx9wzmWT6ldSjOXZ3Kv+l8o1/2Ms29b59849zl/CIn/prFHakH9z+2Gaok7Dbswl"
          + "XVcK/+W+/9N4OjS//yG8cf+t1HFtWx8m9h8AAAAAAAAAAAAAAPyAG3gWkDcAKAAA";
  private static final String VECTOR_SUM =
      "tarsum+sha256:ea9ce6d779f98ba4e0b21f4095eac9657d9fab585f2414f314824e7ab71a44e3";
  private static final String VECTOR_SUM_WITHOUT_JSON =
      "tarsum+sha256:58083ffcb45873e4e17e5ddeefa455688f64f1c3fdb9d217f7606f65000b5d78";

  /** Long and non-ASCII names, a fraction of a second, great ids, an extended attribute. */
  private static final String PAX =
      "H4sIAAAAAAACA+3ZQU6DQBQGYNY9BRcQZoaBiQuCiZuauDBx5XIqWKktGAoJceUtTIyJK3ceobvepWuPINDY"
          + "xNZKTGRoy//RpIU2mQR4/POmhmmYJxcy7wfSDxKtEWRp2zuxLL76XB2nhFFb03NNgWyayqQYXusmxoh+L9Nb"
          + "1zfb2fLG9DSopeISl0XtcL61/gnhGmXFU4BzUR1nDhGWphOV9Z/Ecfrb7+q+31PjOBqiCrrL2IH8J/YP+c+R"
          + "/0ryXyzjfz4zF09vi5d38+P1+dFI87RHhZ5FchK4o/ksGQYR8vQAeaZXvMrr3dwYtflP6ff8p9QSXHH+j7zy"
          + "Hu9c/kdxdCSn12GIUkD+t5T/zBKb+S+Q/ypQ+1gfh9FdNQl4CIOxOZ/tzoYpR+P9n4Ix6vt/stb/U17O/1l1"
          + "P3r/Av3/Dvd/TKD/a6v/s/RJGhZNHuVf598QNp67XaHimfbn9V8ihKBY/1XhJpHXqAL0f63mv+Ug/1vr//Qs"
          + "9F1reep7xe5wtUsxDTh4g7D5v//q85+trf8S5tjIfxVCHzWA/G87/+lG/hOs/6rp/2398rR/dn5l5DJNEyOb"
          + "Bokh3QGivxtU1Fh9/tub/b+D/Fdy/cuqRxkAAAAAAAAAAAAAAAAAAAAAAOylT54mmW4AUAAA";

  private static final String PAX_SUM =
      "tarsum+sha256:f1ae9d895a6f7b80b6ab0988957835d38242fbaeef615f10ea18645ce24a46cf";

  /** Long names, great ids in base 256, a directory, a hard link, a device, a FIFO. */
  private static final String GNU =
      "H4sIAAAAAAACA+2XTU6FMBSFu5RuQHrb29Kpc9mEBvMkmodBNDpzaTpxXRbxJy/m+RzItaTnY1AoJIQczjlt"
          + "ZSpz3PTbTdNtL9Uy0My+kdjx5/k8H2NgpRslwO3NeDporQqlNf9z3C+GApnpP5m69n6v/4m8so7Zex/f5l1N"
          + "nPxPkv4f+n786blD91fKVYp+uKBcqgz637H93v+k9An6f3FG85AlcKZQ/gu843D/027/c+S0JNBO4ucsvP/P"
          + "uo2Y/o/TxdHL0/v4/CW/29XfWsse6z8JuhYZWPT+rxuMhP9jCL/Pf0vsotIB/l+cixz7P+kfU/5biXIqXP/2"
          + "/C5D/W2g5H9ek//n7/jYyPJa9L/O0f9p/z/lf438BwAAAAAAAAAA/oRX6Yy3ggAoAAA=";

  private static final String GNU_SUM =
      "tarsum+sha256:e64a8562a1e9e10d1ec7f00abe8c9518222e844056fd77981df627d8b8d283bb";

  /** The files a, b, a and a. */
  private static final String DUPLICATES =
      "H4sIAAAAAAACA+3WQQqEIBSA4XeUjuDkK89jEMwqwXGY6ye1KyhmkRX93+aBCrr5QS/HM1mrOs1sOTMrr9pa"
          + "VXXzunPaSGUKvE2+n+RjvjKGkLbO7e3fVBh6wXN1V+2/pf8S0i8QwYP5S/TfrPt39F+k/3fs+QHQ/7n9m3X/"
          + "Nf0DAAAAAAAAAAAA/xoBfewrwQAoAAA=";

  private static final String DUPLICATES_SUM =
      "tarsum+sha256:1f62f07f32f0cae3c3d7c380eefb1dac57d95d4b1e3a6838b670559616ed7c86";
  private static final String DUPLICATES_SUM_OF_LAST =
      "tarsum+sha256:02c3b6c41cec3015fb68ce5d72ef9cf6dfbfa2c656b1539677375a86c9d6542e";

  /** All layers of the fixtures that hold any entries, those of genuine daemons and by hand. */
  private static final Map<String, String> ORIGINAL_SUMS =
      Map.ofEntries(
          Map.entry(
              "061d09f5b8afe47befb6e1298622727fcc6f3c6da820dafdb487d12c706bc643",
              "tarsum+sha256:6964d1443c529b92ed07d6f58ce7138a05fd4cf7d84da0fc8175d675c0711b19"),
          Map.entry(
              "20d20d7f50d42b3784af95a8113aae34ab529ef855eb99accb1adc2a50b0f0c2",
              "tarsum+sha256:16578255bf288b4525ffa7d97db68b9988f79eb463efcf7919094f480eaf30df"),
          Map.entry(
              "2605eed5a837422e3cbd6c2c99d27a0232f36413a531349bddc3c58c716a0f82",
              "tarsum+sha256:56237a08052ce2e756921c6da1a3a136752561db4805d5b65ea9259310ffece9"),
          Map.entry(
              "2a15739104321a8b7a995cb1a33511f8330eda12eb7b269e8c23e3d96d4f59a0",
              "tarsum+sha256:5436b303aa70fabdaa87979d792e68d1504ecb53063c70f082af8e3d313aee0d"),
          Map.entry(
              "39f27b0289242f2ce7e04fad6a06d329b169833af89b32df14b15ddd764f55a7",
              "tarsum+sha256:74ea6c2a50a1d3826d84911310d313460b84cfb2afc3f4bf49f4a372a6a6b39f"),
          Map.entry(
              "63ab2957e9c67c8ee19548acc90cd4592d3c964849765770775cddebb689704c",
              "tarsum+sha256:36a3ae87754150e414c281677b36ca0dc727f4a7b75d45cc91c33769ac2da92f"),
          Map.entry(
              "9484f20691d0b1d401f938ce2703ac5d0bba04d2d4396c8dce5b6a4c1ccb3fc5",
              "tarsum+sha256:90b66087881dcde941f31a081613eb0ac4ea5c0a56855bec3d635cfb78bb7dfb"),
          Map.entry(
              "99975ee136cf181490d88062259934f6edcde610263d332910e1060e928fac3a",
              "tarsum+sha256:204ceaee7bde2ce017d13c966e79c0c497dd3f327b5c0604778d22542d25464b"),
          Map.entry(
              "a7014c4ffa0a3548432d04a00f2b709b1b7e759df8c8c36a2a52332da79551d5",
              "tarsum+sha256:95b3d349fea0a08750edaeb89927c33d256bb0fc732726a2ae53d0981597bc79"),
          Map.entry(
              "a9393de1f744cf1f5f366862fe4d4292b369676997574a851c7b1479a3fa26da",
              "tarsum+sha256:ebeda9199b47e112540e35b22848d7e20944cb07cd6216740abf1bdd89331220"),
          Map.entry(
              "aa3ec46707982af4b687cda1d1f246bd08599c38f66789d0ad6c40051fe03fb2",
              "tarsum+sha256:ab0f14e56749b605ee6706d02bb12d92eb328544c5249aa4634f7b34acbe53ed"),
          Map.entry(
              "b20101c31b5e2ed10080f602ccf54a3e73ba8fecc058c048daea77fd94a21d2d",
              "tarsum+sha256:f3f436f86934a2a6195534692f5e21d9ad301ccbf2c7c35f89823e333f42a314"),
          Map.entry(
              "b2d6fcef286bc965b3781377bde67b96fd32dba80283ba4e5d7eeda1b3c4ebc4",
              "tarsum+sha256:d373cfd38ebec25c5242711e744ba4a4fc91ed8f7878e8db00d659985f03a77f"),
          Map.entry(
              "b400f73c1e0b2f7485dd1ed88b4efe05aa324e4b1cb3dec0e23539fb098b5490",
              "tarsum+sha256:0cd21ec7bafb95b72c28c8d2d2fd758482524c70de2bafe64e0ccea571a1c254"),
          Map.entry(
              "b6271f1ec43f8878d3765a970cf22f868b80b630c57f02e1cf2c09b9fdb2d4be",
              "tarsum+sha256:b6aab77950d04581625fb3d9b069c9293d77db65efcf2cb7a7de23e22f87b642"),
          Map.entry(
              "c2f15b6a7cf206032de84004b57f008ac492aaecd56e56eb7b97d9cdfda403d8",
              "tarsum+sha256:72a2a614b3bb54f4c328b3209751233b4ae5bdd23c38de7079145ce3d1c57d7e"),
          Map.entry(
              "c5562a6497a8d9449855ca8748d9e45476df39da950c74b0d40b937ed6c5355c",
              "tarsum+sha256:8b0924f155952245ad790eefcb11dd81f5f600a201be20dfdd8420e656625f85"),
          Map.entry(
              "cadb3ae40d83439fec32df9fe167222ba441ed4f4f1026d1ff7cdd15356ee311",
              "tarsum+sha256:7f0a37fdc49bdf3cbee37e786005e11ca02b9dc41786e069769b2c564f0138c0"),
          Map.entry(
              "cf158d5f001e795c90bedb2f5f682f2937e507e47cd6c64ad3b109cf32661be8",
              "tarsum+sha256:76477f6183611e64568ee8a485d9b8769e4b0e3fc616d411260d887ab925ff1f"),
          Map.entry(
              "d0a118259d7c8fdb46520e9f64b014303c07b27b39faec4590ef85961d975082",
              "tarsum+sha256:b6f97b97cf5a418777c39a8983f478d818a87640bf72c31ec66d13edaced829d"),
          Map.entry(
              "d26b114ecb19440a1d5b3f3a4c296e863c77ed89bfbba0cf6de502d2b1fc988c",
              "tarsum+sha256:c63e84086ae6ae258a6a668c25c0a45bd83123693744704ce0ca9e7d7abc1dda"),
          Map.entry(
              "ea373dfb338fa039bcbea7550f80ce9b5036e7ac13c0f90a8d539dedd9ff31b3",
              "tarsum+sha256:06129b2c8d31b78f542e7ccd49fbaf30002dd1341a0773e468f0beca55522f62"));

  static Stream<byte[]> wrappings() throws IOException {
    byte[] tar = tar(VECTOR);
    return Stream.of(
        tar,
        compressed(tar, GZIPOutputStream::new),
        compressed(tar, BZip2CompressorOutputStream::new),
        compressed(tar, XZCompressorOutputStream::new));
  }

  @ParameterizedTest
  @MethodSource("wrappings")
  void theCompressionDoesNotMatter(byte[] layer) throws IOException {
    assertSum(JSON, layer, VECTOR_SUM);
    assertSum(NO_JSON, layer, VECTOR_SUM_WITHOUT_JSON);
  }

  @Test
  void compressedPartsInARowAreOneLayer() throws IOException {
    byte[] tar = tar(VECTOR);
    byte[] first = compressed(Arrays.copyOf(tar, 700), GZIPOutputStream::new);
    byte[] second = compressed(Arrays.copyOfRange(tar, 700, tar.length), GZIPOutputStream::new);

    assertSum(JSON, joined(first, second), VECTOR_SUM);
  }

  @Test
  void anotherJsonOrAnotherByteOfALayerGivesAnotherSum() throws IOException {
    byte[] tar = tar(VECTOR);
    assertThat(sum(bytes("{}"), tar).matches(new Checksum(VECTOR_SUM))).isFalse();
    int content = new String(tar, StandardCharsets.ISO_8859_1).indexOf("hello registry");
    tar[content]++;
    assertThat(sum(JSON, tar).matches(new Checksum(VECTOR_SUM))).isFalse();
  }

  @Test
  void noOtherSpellingOfTheSumMatches() throws IOException {
    TarSum sum = sum(JSON, tar(VECTOR));
    assertThat(sum.matches(new Checksum(VECTOR_SUM))).isTrue();
    assertThat(sum.matches(new Checksum(VECTOR_SUM.toUpperCase(java.util.Locale.ROOT)))).isFalse();
    assertThat(sum.matches(new Checksum(VECTOR_SUM.replace("tarsum", "tarsum.v1")))).isFalse();
    assertThat(sum.matches(new Checksum("tarsum+sha256:"))).isFalse();
  }

  // Docker 0.6 to 1.2 sent tars that just end (protocol 3.2).
  @Test
  void theEndBlocksMayBeMissing() throws IOException {
    byte[] tar = tar(VECTOR);
    int end = 512 + 512 + 512 + 512;
    assertThat(Arrays.copyOfRange(tar, end, tar.length)).containsOnly(0);

    assertSum(JSON, Arrays.copyOf(tar, end), VECTOR_SUM);
    assertSum(JSON, compressed(Arrays.copyOf(tar, end), GZIPOutputStream::new), VECTOR_SUM);
    assertSum(JSON, Arrays.copyOf(tar, end + 512), VECTOR_SUM);
  }

  @Test
  void namesAndNumbersThatDoNotFitTheHeaderCount() throws IOException {
    assertSum(JSON, tar(PAX), PAX_SUM);
    assertSum(JSON, tar(GNU), GNU_SUM);
  }

  @Test
  void entriesOfOneNameCountAsEachClientCountsThem() throws IOException {
    assertSum(JSON, tar(DUPLICATES), DUPLICATES_SUM);
    assertSum(JSON, tar(DUPLICATES), DUPLICATES_SUM_OF_LAST);
    assertThat(DUPLICATES_SUM).isNotEqualTo(DUPLICATES_SUM_OF_LAST);
  }

  @Test
  void anEmptyTarHasTheSumOfTheJson() throws IOException {
    String json = "tarsum+sha256:" + OriginalStore.sha256(JSON);

    assertSum(JSON, new byte[0], json);
    assertSum(JSON, new byte[512], json);
    assertSum(JSON, new byte[1024], json);
    assertSum(JSON, new byte[10240], json);
    assertSum(JSON, compressed(new byte[0], GZIPOutputStream::new), json);
    assertSum(JSON, compressed(new byte[1024], XZCompressorOutputStream::new), json);
  }

  @ParameterizedTest
  @ValueSource(strings = {"no tar at all. ", "{\"id\": 1}", "\u0001\u0002\u0003", "<html>"})
  void whatIsNoTarIsRefused(String text) {
    byte[] layer = bytes(text.repeat(1024));

    assertThatThrownBy(() -> sum(JSON, layer)).isInstanceOf(IOException.class);
    assertThatThrownBy(() -> sum(JSON, compressed(layer, GZIPOutputStream::new)))
        .isInstanceOf(IOException.class);
  }

  @Test
  void aLayerThatIsCutShortInAFileIsRefused() throws IOException {
    byte[] cut = Arrays.copyOf(tar(VECTOR), 512 + 512 + 7);

    assertThatThrownBy(() -> sum(JSON, cut)).isInstanceOf(IOException.class);
  }

  @Test
  void aCompressedLayerThatIsCutShortIsRefused() throws IOException {
    for (byte[] layer : wrappings().skip(1).toList()) {
      byte[] cut = Arrays.copyOf(layer, layer.length / 2);
      assertThatThrownBy(() -> sum(JSON, cut)).isInstanceOf(IOException.class);
    }
  }

  @Test
  void anEndlessListOfEntriesIsRefused() throws IOException {
    byte[] header = Arrays.copyOf(tar(VECTOR), 512);

    try (InputStream endless = endless(header)) {
      assertThatThrownBy(() -> TarSum.of(JSON, endless))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("entries");
    }
  }

  // 200 GB of zeros as a name pack into little; the reader would gather them in memory.
  @Test
  void anEndlessNameIsRefused() throws IOException {
    byte[] header = Arrays.copyOf(tar(GNU), 512);
    assertThat(header[156]).isEqualTo((byte) 'L');
    System.arraycopy(bytes("77777777777\0"), 0, header, 124, 12);

    try (InputStream endless =
        new SequenceInputStream(new ByteArrayInputStream(header), endless(bytes("x")))) {
      assertThatThrownBy(() -> TarSum.of(JSON, endless))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("headers");
    }
  }

  @Test
  void manyLongNamesAreRefused() throws IOException {
    byte[] archive = tar(GNU);
    byte[] name = bytes("n".repeat(512 * 1024));
    byte[] header = Arrays.copyOf(archive, 512);
    System.arraycopy(bytes("00002000000\0"), 0, header, 124, 12);
    byte[] file = Arrays.copyOf(tar(VECTOR), 512);

    byte[] entry = joined(joined(header, name), file);
    ByteArrayOutputStream layer = new ByteArrayOutputStream();
    for (int i = 0; i < 40; i++) {
      layer.writeBytes(entry);
    }
    assertThatThrownBy(() -> sum(JSON, layer.toByteArray()))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("names");
  }

  @Test
  void damageNeverLeadsToMoreThanARefusal() {
    List<String> archives = List.of(VECTOR, PAX, GNU, DUPLICATES);
    RandomCases.check(
        3_000,
        random -> {
          byte[] layer = tar(archives.get(random.nextInt(archives.size())));
          for (int i = random.nextInt(1, 6); i > 0; i--) {
            int block = random.nextInt(layer.length / 512) * 512;
            layer[block + random.nextInt(512)] = (byte) random.nextInt(256);
          }
          byte[] damaged = Arrays.copyOf(layer, random.nextInt(layer.length + 1));
          byte[] packed = compressed(damaged, GZIPOutputStream::new);
          packed[random.nextInt(packed.length)] ^= (byte) (1 << random.nextInt(8));
          for (byte[] bytes : List.of(damaged, packed)) {
            Throwable refusal = catchThrowable(() -> sum(JSON, bytes));
            if (refusal != null) {
              assertThat(refusal).isInstanceOf(IOException.class);
            }
          }
        });
  }

  @Test
  void theSourceIsLeftOpen() throws IOException {
    InputStream layer =
        new ByteArrayInputStream(tar(VECTOR)) {
          @Override
          public void close() {
            throw new AssertionError("closed");
          }
        };
    assertThat(TarSum.of(JSON, layer).matches(new Checksum(VECTOR_SUM))).isTrue();
  }

  @Test
  void theLayersThatGenuineDaemonsPushedHaveTheSumsThatTheyAnnounced(@TempDir Path directory)
      throws IOException {
    OriginalStore store = OriginalStore.unpack(directory);
    for (String id : store.images()) {
      if (!store.has("images/" + id + "/layer")) {
        continue;
      }
      byte[] json = store.bytes("images/" + id + "/json");
      String empty = "tarsum+sha256:" + OriginalStore.sha256(json);
      String expected = ORIGINAL_SUMS.getOrDefault(id, empty);

      assertThat(sum(json, store.bytes("images/" + id + "/layer")).matches(new Checksum(expected)))
          .as(id)
          .isTrue();
    }
    assertThat(store.images()).containsAll(ORIGINAL_SUMS.keySet());
  }

  private static void assertSum(byte[] json, byte[] layer, String expected) throws IOException {
    assertThat(sum(json, layer).matches(new Checksum(expected))).isTrue();
  }

  private static TarSum sum(byte[] json, byte[] layer) throws IOException {
    return TarSum.of(json, new ByteArrayInputStream(layer));
  }

  private static byte[] tar(String packed) throws IOException {
    try (GZIPInputStream in =
        new GZIPInputStream(new ByteArrayInputStream(Base64.getDecoder().decode(packed)))) {
      return in.readAllBytes();
    }
  }

  private static InputStream endless(byte[] block) {
    return new InputStream() {
      private int position;

      @Override
      public int read() {
        byte next = block[position];
        position = (position + 1) % block.length;
        return next & 0xff;
      }

      @Override
      public int read(byte[] target, int offset, int length) {
        int count = Math.min(length, block.length - position);
        System.arraycopy(block, position, target, offset, count);
        position = (position + count) % block.length;
        return count;
      }
    };
  }

  private static byte[] joined(byte[] first, byte[] second) throws IOException {
    return new SequenceInputStream(
            Collections.enumeration(
                List.of(new ByteArrayInputStream(first), new ByteArrayInputStream(second))))
        .readAllBytes();
  }

  private interface Compressor {
    OutputStream open(OutputStream out) throws IOException;
  }

  private static byte[] compressed(byte[] bytes, Compressor compressor) throws IOException {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (OutputStream out = compressor.open(packed)) {
      out.write(bytes);
    }
    return packed.toByteArray();
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
