package io.registry.content.manifest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.tuple;

import io.registry.platform.json.JsonCodec;
import io.registry.platform.problem.Problem;
import io.registry.platform.problem.RegistryException;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which manifests are accepted, and what is read of them. */
class ManifestParserTest {
  private static final String ONE = "sha256:" + "1".repeat(64);
  private static final String TWO = "sha512:" + "2".repeat(128);
  private static final Digest DIGEST = Digest.find(ONE).orElseThrow();
  private static final Digest OTHER_DIGEST = Digest.find(TWO).orElseThrow();
  private static final String CONFIG = descriptor("application/vnd.oci.image.config.v1+json", ONE);
  private static final String LAYER = descriptor("application/vnd.oci.image.layer.v1.tar", TWO);
  private static final String IMAGE =
      "{'schemaVersion':2,'config':%s,'layers':[%s]}".formatted(CONFIG, LAYER);
  private static final String INDEX = "{'schemaVersion':2,'manifests':[]}";

  private final ManifestParser parser = new ManifestParser(new JsonCodec());

  @Test
  void anImageNamesItsConfigurationAndItsLayers() {
    Manifest image = parse(MediaTypes.OCI_MANIFEST, IMAGE);

    assertThat(image.kind()).isEqualTo(Manifest.Kind.IMAGE);
    assertThat(image.blobs())
        .containsExactly(
            new Descriptor("application/vnd.oci.image.config.v1+json", DIGEST, 7),
            new Descriptor("application/vnd.oci.image.layer.v1.tar", OTHER_DIGEST, 7));
    assertThat(image.children()).isEmpty();
    assertThat(image.subject()).isEmpty();
    assertThat(image.artifactType()).isEqualTo("application/vnd.oci.image.config.v1+json");
  }

  @Test
  void anIndexNamesManifestsWithTheirPlatforms() {
    String arm = "'platform':{'os':'linux','architecture':'arm','variant':'v7'}";
    String half = "'platform':{'os':'linux'}";

    Manifest index =
        parse(
            MediaTypes.DOCKER_LIST,
            "{'schemaVersion':2,'manifests':[%s,%s]}"
                .formatted(with(CONFIG, arm), with(LAYER, half)));

    assertThat(index.kind()).isEqualTo(Manifest.Kind.INDEX);
    assertThat(index.blobs()).isEmpty();
    assertThat(index.children())
        .extracting(part -> part.descriptor().digest().toString(), Manifest.Part::platform)
        .containsExactly(tuple(ONE, "linux/arm/v7"), tuple(TWO, ""));
  }

  @ParameterizedTest
  @CsvSource({
    "application/vnd.oci.image.layer.nondistributable.v1.tar, ''",
    "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip, ''",
    "application/vnd.oci.image.layer.v1.tar, \"'urls':['https://other.example/layer']\""
  })
  void aLayerThatLiesElsewhereIsNotExpectedHere(String type, String more) {
    String layer = with(descriptor(type, TWO), more.replace("\"", ""));

    Manifest image =
        parse("", "{'schemaVersion':2,'config':%s,'layers':[%s]}".formatted(CONFIG, layer));

    assertThat(image.layers()).hasSize(1);
    assertThat(image.blobs()).extracting(Descriptor::digest).containsExactly(DIGEST);
  }

  @Test
  void theTypeIsTheOneThatIsSaidOrTheOneThatTheFieldsShow() {
    String docker = IMAGE.replaceFirst(",", ",'mediaType':'" + MediaTypes.DOCKER_MANIFEST + "',");

    assertThat(parse("", docker).mediaType()).isEqualTo(MediaTypes.DOCKER_MANIFEST);
    assertThat(parse("application/json", docker).mediaType()).isEqualTo(MediaTypes.DOCKER_MANIFEST);
    assertThat(
            parse(" " + MediaTypes.OCI_MANIFEST.toUpperCase(Locale.ROOT) + " ; a=b", IMAGE)
                .mediaType())
        .isEqualTo(MediaTypes.OCI_MANIFEST);
    assertThat(parse("", IMAGE).mediaType()).isEqualTo(MediaTypes.OCI_MANIFEST);
    assertThat(parse("", INDEX).mediaType()).isEqualTo(MediaTypes.OCI_INDEX);
  }

  @Test
  void ofAnyOtherTypeOnlyTheSubjectAndTheAnnotationsAreRead() {
    Manifest other =
        parse(
            "application/vnd.example+json",
            "{'config':1,'layers':2,'artifactType':'a/b','annotations':{'k':'v'},'subject':%s}"
                .formatted(CONFIG));

    assertThat(other.kind()).isEqualTo(Manifest.Kind.OTHER);
    assertThat(other.blobs()).isEmpty();
    assertThat(other.subject()).map(Descriptor::digest).hasValue(DIGEST);
    assertThat(other.artifactType()).isEqualTo("a/b");
    assertThat(other.annotations()).isEqualTo(Map.of("k", "v"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      textBlock =
          """
          []                                          | The manifest is not a JSON object
          {"schemaVersion":1}                         | fsLayers, history: have to be arrays
          {'schemaVersion':3,'config':C,'layers':[]}  | schemaVersion: has to be 2
          {'config':C,'layers':[]}                    | schemaVersion: has to be 2
          {'schemaVersion':2,'layers':[]}             | config: has to be an object
          {'schemaVersion':2,'config':C}              | layers: has to be an array
          {'schemaVersion':2,'config':C,'layers':[3]} | layers[0]: has to be an object
          {'schemaVersion':2,'manifests':[],'config':C}            | layers: an index has manifests
          {'schemaVersion':2,'config':C,'layers':[],'subject':3}   | subject: has to be an object
          {'schemaVersion':2,'config':C,'layers':[],'annotations':[]} | annotations: has to be an
          {'schemaVersion':2,'config':C,'layers':[],'annotations':{'a':1}} | to contain texts only
          {'schemaVersion':2,'config':C,'layers':[],'mediaType':4} | mediaType: has to be a text
          """)
  void whatIsNoManifestIsRefusedWithThePlace(String manifest, String reason) {
    assertRefused("", manifest.replace("C", CONFIG).replace("\"", "'"), reason);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          'size':7           | 'size':-1                  | layers[1].size: has to be a number of bytes
          'size':7           | 'size':1.5                 | layers[1].size: has to be a number of bytes
          'size':7           | 'size':9223372036854775808 | layers[1].size: has to be a number of bytes
          'size':7           | 'size':'7'                 | layers[1].size: has to be a number of bytes
          ,'size':7          |                            | layers[1].size: has to be a number of bytes
          sha512:            | md5:                       | layers[1].digest: has to be a digest
          sha512:2           | sha512:                    | layers[1].digest: has to be a digest
          'mediaType'        | 'type'                     | layers[1].mediaType: is missing
          """,
      quoteCharacter = '"')
  void aWrongDescriptorIsRefusedWithItsPlace(String right, String wrong, String reason) {
    String layer = LAYER.replace(right, wrong == null ? "" : wrong);

    assertRefused(
        "",
        "{'schemaVersion':2,'config':%s,'layers':[%s,%s]}".formatted(CONFIG, LAYER, layer),
        reason);
  }

  @Test
  void theTypeOfTheRequestAndTheTypeInTheManifestAreTheSame() {
    assertRefused(
        MediaTypes.OCI_MANIFEST,
        IMAGE.replaceFirst(",", ",'mediaType':'" + MediaTypes.DOCKER_MANIFEST + "',"),
        "mediaType is another type than the Content-Type of the request");
    assertRefused(MediaTypes.OCI_MANIFEST, INDEX, "manifests: an image has layers");
    assertRefused(MediaTypes.OCI_INDEX, IMAGE, "layers: an index has manifests");
    assertRefused(MediaTypes.DOCKER_SCHEMA_1, IMAGE, "schemaVersion: has to be 1");
  }

  @Test
  void partsAreBounded() {
    assertThat(parse("", image(ManifestParser.MAX_PARTS)).layers())
        .hasSize(ManifestParser.MAX_PARTS);
    assertRefused(
        "", image(ManifestParser.MAX_PARTS + 1), "layers: up to 4096 are accepted, not 4097");
  }

  private static String image(int layers) {
    return "{'schemaVersion':2,'config':%s,'layers':[%s]}"
        .formatted(CONFIG, String.join(",", Collections.nCopies(layers, LAYER)));
  }

  @Test
  void anIndexOfReferrersIsReadEntryByEntryAndWrongEntriesAreLeftOut() {
    String entry = with(CONFIG, "'artifactType':'a/b','annotations':{'k':'v'}");

    List<Referrer> referrers =
        parser.referrers(bytes("{'manifests':[%s,{'digest':'no'},%s,4]}".formatted(entry, LAYER)));

    assertThat(referrers)
        .containsExactly(
            new Referrer(
                new Descriptor("application/vnd.oci.image.config.v1+json", DIGEST, 7),
                "a/b",
                Map.of("k", "v")),
            new Referrer(
                new Descriptor("application/vnd.oci.image.layer.v1.tar", OTHER_DIGEST, 7),
                "",
                Map.of()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "{", "[]", "{'manifests':{}}", "{'layers':[]}"})
  void whatIsNoIndexHasNoReferrers(String text) {
    assertThat(parser.referrers(bytes(text))).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      textBlock =
          """
          {'os':'linux','architecture':'amd64'}                | linux/amd64
          {'os':'linux','architecture':'arm64','variant':'v8'} | linux/arm64/v8
          {'os':'linux','variant':'v8'}                        | ""
          {'architecture':'amd64'}                             | ""
          no JSON                                              | ""
          """)
  void aConfigurationSaysItsPlatformOrNone(String config, String platform) {
    assertThat(parser.platform(bytes(config))).isEqualTo(platform);
  }

  private Manifest parse(String type, String manifest) {
    return parser.parse(type, bytes(manifest));
  }

  private void assertRefused(String type, String manifest, String reason) {
    assertThatExceptionOfType(RegistryException.class)
        .isThrownBy(() -> parse(type, manifest))
        .withMessageContaining(reason)
        .satisfies(refusal -> assertThat(refusal.problem()).isEqualTo(Problem.INVALID));
  }

  private static String descriptor(String type, String digest) {
    return "{'mediaType':'%s','digest':'%s','size':7}".formatted(type, digest);
  }

  private static String with(String object, String field) {
    return field.isEmpty() ? object : object.substring(0, object.length() - 1) + "," + field + "}";
  }

  /** Single quotes stand for double ones. */
  private static byte[] bytes(String json) {
    return json.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
  }
}
