package io.registry.content.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.registry.platform.json.JsonCodec;
import io.registry.storage.BlobKey;
import io.registry.testkit.InMemoryBlobStorage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** When an image that a client sends is the stored image of the same id. */
class ImageComparisonTest {
  private static final ImageId ID = new ImageId("a".repeat(64));
  private static final BlobKey FOLDER = BlobKey.of("staged");
  private static final Checksum SUM = new Checksum("sha256:" + "1".repeat(64));
  private static final Checksum OTHER_SUM = new Checksum("sha256:" + "2".repeat(64));
  private static final String JSON = "{'id':'i','author':'ann','config':{'Cmd':['sh'],'User':''}}";

  private final InMemoryBlobStorage storage = new InMemoryBlobStorage();
  private final JsonCodec codec = new JsonCodec();
  private final StoredChecksums checksums = new StoredChecksums(storage, codec);
  private final ImageComparison comparison = new ImageComparison(storage, codec, checksums);

  @BeforeEach
  void store() {
    storage.write(ImageKeys.json(ID), bytes(JSON));
    storage.write(ImageKeys.layer(ID), bytes("layer"));
    storage.write(ImageKeys.layerIn(FOLDER), bytes("layer"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      textBlock =
          """
          {'id':'i','author':'ann','config':{'Cmd':['sh'],'User':''}}                | true  | true
          {'config':{'User':'','Cmd':['sh']},  'author':'ann','id':'i'}              | true  | true
          {'id':'i','author':'ann','config':{'Cmd':['sh']}}                          | true  | true
          {'id':'i','author':'ann','config':{'Cmd':['sh'],'User':''},'Size':5}       | true  | true
          {'id':'i','author':'ann','config':{'Cmd':['sh'],'User':'','Tty':true}}     | true  | true
          {'id':'i','author':'ann','config':{'Cmd':['sh'],'User':'root'}}            | true  | true
          {'id':'i','config':{'Cmd':['sh']}}                                         | true  | false
          {'id':'i','author':'','config':{'Cmd':['sh']}}                             | true  | false
          {'id':'i','author':'ann','config':{}}                                      | true  | false
          {'id':'i'}                                                                 | true  | false
          {'id':'i','author':'bob','config':{'Cmd':['sh']}}                          | false | false
          {'id':'i','author':'ann','config':{'Cmd':['sh','-c']}}                     | false | false
          {'id':'i','author':'ann','config':'sh'}                                    | false | false
          {'id':'j','author':'ann','config':{'Cmd':['sh']}}                          | false | false
          []                                                                         | false | false
          no JSON                                                                    | false | false
          """)
  void descriptionsAgreeAlsoWhenADaemonHasAddedOrLostFields(
      String sent, boolean forReaders, boolean forOthers) {
    assertThat(comparison.isSameDescription(ID, bytes(sent), true)).isEqualTo(forReaders);
    assertThat(comparison.isSameDescription(ID, bytes(sent), false)).isEqualTo(forOthers);
    assertThat(comparison.isSame(staged(sent, OTHER_SUM), true)).isEqualTo(forReaders);
    assertThat(comparison.isSame(staged(sent, OTHER_SUM), false)).isEqualTo(forOthers);
  }

  @Test
  void anotherParentIsAnotherImage() {
    String parent = "'parent':'" + "b".repeat(64) + "'}";

    String child = JSON.substring(0, JSON.length() - 1) + "," + parent;
    assertThat(comparison.isSameDescription(ID, bytes(child), true)).isFalse();

    storage.write(ImageKeys.json(ID), bytes(child));
    assertThat(comparison.isSameDescription(ID, bytes(JSON), true)).isFalse();
    assertThat(comparison.isSameDescription(ID, bytes(child.replace("'i'", "'i' ")), true))
        .isTrue();
  }

  @Test
  void aLayerMayBeCompressedInAnotherWay() throws IOException {
    storage.write(ImageKeys.layer(ID), gzip("content ".repeat(9), Deflater.BEST_COMPRESSION));
    storage.write(ImageKeys.layerIn(FOLDER), gzip("content ".repeat(9), Deflater.NO_COMPRESSION));
    assertThat(comparison.isSame(staged(JSON, OTHER_SUM), false)).isTrue();

    storage.write(ImageKeys.layerIn(FOLDER), gzip("content ".repeat(8), Deflater.NO_COMPRESSION));
    assertThat(comparison.isSame(staged(JSON, OTHER_SUM), false)).isFalse();
  }

  /** The stored checksum may be a claim, which does for a reader only. */
  @Test
  void theChecksumStandsForTheLayerForReadersOnly() {
    checksums.write(ImageKeys.checksum(ID), List.of(SUM));
    storage.write(ImageKeys.layerIn(FOLDER), bytes("other"));

    assertThat(comparison.isSame(staged(JSON, SUM), true)).isTrue();
    assertThat(comparison.isSame(staged(JSON, SUM), false)).isFalse();
    assertThat(comparison.isSame(staged(JSON, OTHER_SUM), true)).isFalse();
    assertThat(comparison.isSame(staged(JSON + " ", SUM), true)).isFalse();
  }

  @Test
  void anImageThatIsNotThereIsNotTheSame() {
    storage.delete(ImageKeys.json(ID));

    assertThat(comparison.isSame(staged(JSON, SUM), true)).isFalse();
    assertThat(comparison.isSameDescription(ID, bytes(JSON), true)).isFalse();
  }

  @Test
  void aStagedLayerThatHasVanishedIsTold() {
    storage.delete(ImageKeys.layerIn(FOLDER));

    assertThatExceptionOfType(ImageComparison.VanishedException.class)
        .isThrownBy(() -> comparison.isSame(staged(JSON, SUM), true));
  }

  private static StagedImage staged(String json, Checksum checksum) {
    return new StagedImage(ID, FOLDER, bytes(json), List.of(ID), List.of(checksum));
  }

  private static byte[] gzip(String text, int level) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip =
        new GZIPOutputStream(out) {
          {
            def.setLevel(level);
          }
        }) {
      gzip.write(bytes(text));
    }
    return out.toByteArray();
  }

  /** Single quotes stand for double ones. */
  private static byte[] bytes(String text) {
    return text.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
  }
}
