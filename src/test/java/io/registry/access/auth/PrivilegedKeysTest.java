package io.registry.access.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.registry.platform.problem.SetupException;
import io.registry.testkit.PassingClock;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

class PrivilegedKeysTest {
  private static final Instant NOON = Instant.parse("2026-11-25T12:00:00Z");
  private static final String PATH = "/v1/repositories/foo/bar/tags";

  @TempDir static Path directory;

  private static KeyPair pair;
  private static Path pairFile;

  private final PassingClock clock = new PassingClock(NOON);

  @BeforeAll
  static void makeKeys() throws GeneralSecurityException, IOException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
    generator.initialize(2048);
    pair = generator.generateKeyPair();
    pairFile = directory.resolve("own.pem");
    Files.writeString(
        pairFile,
        "-----BEGIN PUBLIC KEY-----\n%s\n-----END PUBLIC KEY-----\n"
            .formatted(Base64.getMimeEncoder().encodeToString(pair.getPublic().getEncoded())));
  }

  @ParameterizedTest
  @CsvSource({
    "pkcs1-2048.pem, a.sha1",
    "pkcs1-2048.pem, a.sha256",
    "spki-2048.pem, a.sha1",
    "spki-2048.pem, a.sha256",
    "spki-2048-crlf.pem, a.sha256",
    "pkcs1-3072-e3.pem, b.sha1",
    "spki-3072-e3.pem, b.sha256"
  })
  void whatOpensslSignedIsValid(String key, String signature) {
    PrivilegedKeys keys = keys(file(key));

    assertThat(keys.check(get(vector(signature)))).isEqualTo(validBy(key));
  }

  @Test
  void otherKeysCountWhenTheyAreTakenOverAndNotBefore() {
    PrivilegedKeys keys = keys(file("spki-3072-e3.pem"));
    PrivilegedKeyProperties others = settings(false, file("spki-2048.pem"));
    Runnable change = keys.prepare(others).orElseThrow();
    assertThat(keys.check(get(vector("a.sha256")))).isInstanceOf(PrivilegedSignature.Refused.class);

    change.run();

    assertThat(keys.check(get(vector("a.sha256")))).isEqualTo(validBy("spki-2048.pem"));
    assertThat(keys.check(get(vector("b.sha256")))).isInstanceOf(PrivilegedSignature.Refused.class);
    assertThat(keys.prepare(others)).isEmpty();
  }

  @Test
  void eachOfSeveralKeysIsKnownByTheNameOfItsFile() {
    PrivilegedKeys keys = keys(file("spki-2048.pem"), file("spki-3072-e3.pem"));

    assertThat(keys.check(get(vector("a.sha1")))).isEqualTo(validBy("spki-2048.pem"));
    assertThat(keys.check(get(vector("b.sha1")))).isEqualTo(validBy("spki-3072-e3.pem"));
  }

  @Test
  void theSignatureOfAnotherKeyOrAnotherHashIsRefused() {
    PrivilegedKeys keys = keys(file("spki-2048.pem"));

    assertThat(keys.check(get(vector("b.sha1")))).isInstanceOf(PrivilegedSignature.Refused.class);
    assertThat(keys.check(get(vector("a.sha512")))).isInstanceOf(PrivilegedSignature.Refused.class);
  }

  @Test
  void aSignatureIsForOneMethodOnePathAndOneSetOfHeaders() {
    PrivilegedKeys keys = keys(file("spki-2048.pem"));
    Map<String, List<String>> headers = get(vector("a.sha1")).headers();

    assertThat(keys.check(new SignedRequest("HEAD", PATH, headers)))
        .isInstanceOf(PrivilegedSignature.Refused.class);
    assertThat(keys.check(new SignedRequest("GET", PATH + "/x", headers)))
        .isInstanceOf(PrivilegedSignature.Refused.class);
    assertThat(keys.check(new SignedRequest("GET", PATH, with(headers, "X-Docker-Foo", "2"))))
        .isInstanceOf(PrivilegedSignature.Refused.class);
    assertThat(keys.check(new SignedRequest("GET", PATH, with(headers, "x-dockerfile", "2"))))
        .isInstanceOf(PrivilegedSignature.Refused.class);
    assertThat(keys.check(new SignedRequest("GET", PATH, with(headers, "Accept", "2"))))
        .isInstanceOf(PrivilegedSignature.Valid.class);
  }

  @Test
  void headersAreSignedByTheNamesThatTheOriginalGaveThem() {
    SignedRequest request =
        new SignedRequest(
            "GET",
            "/ü",
            Map.of(
                "x_docker_z2z", List.of("1", "2"),
                "X-DOCKER-token", List.of("true"),
                "Host", List.of("here"),
                "x-docker", List.of("é")));

    assertThat(request.text())
        .isEqualTo(
            Stream.of(
                    "GET,/ü".getBytes(StandardCharsets.UTF_8),
                    ",X-Docker:é,X-Docker-Token:true,X-Docker-Z2Z:1,2"
                        .getBytes(StandardCharsets.ISO_8859_1))
                .reduce(new byte[0], PrivilegedKeysTest::join));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "data",
        "data=",
        "data=;x=y",
        "data=???",
        "data=QUJD; nonsense",
        "data=QUJD; data=QUJD",
        "other=QUJD",
        "=QUJD",
        "data=QUJD;"
      })
  void whatIsNotWrittenAsASignatureIsMalformed(String header) {
    assertThat(keys(pairFile).check(request("GET", PATH, "X-Signature", header)))
        .isInstanceOf(PrivilegedSignature.Malformed.class);
  }

  @Test
  void twoSignaturesAreMalformed() {
    String signature = "data=" + sign("GET," + PATH);
    SignedRequest request =
        new SignedRequest("GET", PATH, Map.of("X-Signature", List.of(signature, signature)));

    assertThat(keys(pairFile).check(request)).isInstanceOf(PrivilegedSignature.Malformed.class);
  }

  @Test
  void otherPairsOfTheHeaderMeanNothing() {
    String header = "v=1; Data = " + sign("GET," + PATH) + " ;hash=md5";

    assertThat(keys(pairFile).check(request("GET", PATH, "x-signature", header)))
        .isEqualTo(validBy("own.pem"));
  }

  @Test
  void aSignatureOfOddLengthIsRefused() {
    assertThat(keys(pairFile).check(request("GET", PATH, "X-Signature", "data=QUJD")))
        .isInstanceOf(PrivilegedSignature.Refused.class);
  }

  @Test
  void withoutSignatureOrKeysARequestIsLikeAnyOther() {
    assertThat(keys(pairFile).check(request("GET", PATH)))
        .isEqualTo(new PrivilegedSignature.None());
    assertThat(keys().check(request("GET", PATH, "X-Signature", "nonsense")))
        .isEqualTo(new PrivilegedSignature.None());
  }

  @Test
  void aSignatureWithoutDateIsGoodAgainAndAgainUnlessDatesAreRequired() {
    SignedRequest request = request("GET", PATH, "X-Signature", "data=" + sign("GET," + PATH));
    PrivilegedKeys keys = keys(pairFile);

    assertThat(keys.check(request)).isEqualTo(validBy("own.pem"));
    assertThat(keys.check(request)).isEqualTo(validBy("own.pem"));
    assertThat(keys(true, pairFile).check(request)).isInstanceOf(PrivilegedSignature.Refused.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Wed, 25 Nov 2026 12:00:00 GMT",
        "2026-11-25T12:00:00Z",
        "2026-11-25T12:04:59.123456Z",
        "2026-11-25T12:55:00+01:00"
      })
  void aSignatureWithADateIsGoodOnce(String date) {
    PrivilegedKeys keys = keys(true, pairFile);

    assertThat(keys.check(dated(date))).isEqualTo(validBy("own.pem"));
    assertThat(keys.check(dated(date))).isInstanceOf(PrivilegedSignature.Refused.class);
  }

  @Test
  void whatOpensslSignedWithADateIsGoodOnce() {
    PrivilegedKeys keys = keys(true, file("pkcs1-2048.pem"));
    SignedRequest request =
        request(
            "PUT",
            PATH + "/latest",
            "X-Docker-Date",
            "2026-11-25T12:00:00Z",
            "X-Signature",
            "data=" + vector("a.dated"));

    assertThat(keys.check(request)).isEqualTo(validBy("pkcs1-2048.pem"));
    assertThat(keys.check(request)).isInstanceOf(PrivilegedSignature.Refused.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"2026-11-25T11:54:59Z", "2026-11-25T12:05:01Z", "+999999999-01-01T00:00:00Z"})
  void aDateOutsideOfTheWindowIsRefused(String date) {
    assertThat(keys(pairFile).check(dated(date))).isInstanceOf(PrivilegedSignature.Refused.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "now", "1764072000", "2026-11-25", "2026-11-25T12:00:00"})
  void aDateThatIsNoneIsMalformed(String date) {
    assertThat(keys(pairFile).check(dated(date))).isInstanceOf(PrivilegedSignature.Malformed.class);
  }

  @Test
  void aSignatureIsNeverTakenAgainWhateverTheClockDoes() {
    PrivilegedKeys keys = keys(pairFile);
    SignedRequest early = dated("2026-11-25T12:05:00Z");
    assertThat(keys.check(early)).isEqualTo(validBy("own.pem"));

    for (Duration time :
        List.of(
            Duration.ofMinutes(5),
            Duration.ofMinutes(5),
            Duration.ofMillis(1),
            Duration.ofMinutes(-3),
            Duration.ofMinutes(60))) {
      clock.pass(time);
      assertThat(keys.check(early)).isInstanceOf(PrivilegedSignature.Refused.class);
    }
  }

  @Test
  void aRefusedSignatureDoesNotUseUpAGoodOne() {
    PrivilegedKeys keys = keys(pairFile);
    SignedRequest good = dated("2026-11-25T12:00:00Z");
    SignedRequest moved = new SignedRequest("PUT", good.path(), good.headers());

    assertThat(keys.check(moved)).isInstanceOf(PrivilegedSignature.Refused.class);
    assertThat(keys.check(good)).isEqualTo(validBy("own.pem"));
  }

  @Test
  void aDateCannotBeHiddenInAnotherHeaderOrInThePath() {
    PrivilegedKeys keys = keys(pairFile);
    String date = ",X-Docker-Date:2026-11-25T12:00:00Z";
    String signature = "data=" + sign("GET," + PATH + ",X-Docker-Alpha:1" + date);

    assertThat(
            keys.check(
                request("GET", PATH, "X-Docker-Alpha", "1" + date, "X-Signature", signature)))
        .isInstanceOf(PrivilegedSignature.Malformed.class);
    assertThat(
            keys.check(request("GET", PATH + ",X-Docker-Alpha:1" + date, "X-Signature", signature)))
        .isInstanceOf(PrivilegedSignature.Malformed.class);
  }

  @ParameterizedTest
  @CsvSource({
    "spki-1024.pem, holds a key of 1024 bits",
    "spki-ec.pem, holds no RSA public key that can be read",
    "signatures.properties, holds no public key",
    "absent.pem, cannot be read (NoSuchFileException)"
  })
  void aFileThatCannotBeUsedStopsTheStart(String name, String why) {
    Path file = name.equals("absent.pem") ? directory.resolve(name) : file(name);

    assertThatThrownBy(() -> keys(file))
        .isInstanceOf(SetupException.class)
        .hasMessageContaining(file.toString())
        .hasMessageContaining(why);
  }

  @Test
  void twoKeysOfTheSameNameStopTheStart() throws IOException {
    Path other =
        Files.copy(pairFile, Files.createDirectory(directory.resolve("b")).resolve("own.pem"));

    assertThatThrownBy(() -> keys(pairFile, other))
        .isInstanceOf(SetupException.class)
        .hasMessageContaining("own.pem");
  }

  @Test
  void theSettingsNameTheFiles() {
    ApplicationContextRunner registry =
        new ApplicationContextRunner()
            .withConfiguration(AutoConfigurations.of(PrivilegedKeyConfiguration.class))
            .withBean(PassingClock.class, () -> clock);

    SignedRequest undated = request("GET", PATH, "X-Signature", "data=" + sign("GET," + PATH));
    registry
        .withPropertyValues("registry.auth.privileged-keys=" + pairFile)
        .run(
            context ->
                assertThat(context.getBean(PrivilegedKeys.class).check(undated))
                    .as("without a date it could be sent again")
                    .isEqualTo(new PrivilegedSignature.Refused("The signature has no date")));
    registry
        .withPropertyValues(
            "registry.auth.privileged-keys=" + pairFile, "registry.auth.require-signed-date=false")
        .run(
            context ->
                assertThat(context.getBean(PrivilegedKeys.class).check(undated))
                    .isEqualTo(validBy("own.pem")));
    registry
        .withPropertyValues("registry.auth.privileged-keys=" + directory.resolve("absent.pem"))
        .run(
            context ->
                assertThat(context)
                    .getFailure()
                    .rootCause()
                    .isInstanceOf(NoSuchFileException.class));
    registry
        .withPropertyValues("registry.auth.signature-window=0s")
        .run(context -> assertThat(context).hasFailed());
  }

  private PrivilegedKeys keys(Path... files) {
    return keys(false, files);
  }

  private PrivilegedKeys keys(boolean requireDate, Path... files) {
    return PrivilegedKeys.load(settings(requireDate, files), clock);
  }

  private static PrivilegedKeyProperties settings(boolean requireDate, Path... files) {
    return new PrivilegedKeyProperties(List.of(files), Duration.ofMinutes(5), requireDate);
  }

  private static PrivilegedSignature validBy(String key) {
    return new PrivilegedSignature.Valid(new Caller.Privileged(key));
  }

  private static SignedRequest get(String signature) {
    return request(
        "GET",
        PATH,
        "X-Docker-Foo",
        "1",
        "x-docker-alpha",
        "2",
        "X-Signature",
        "data=" + signature);
  }

  private static SignedRequest dated(String date) {
    return request(
        "GET",
        PATH,
        "X-Docker-Date",
        date,
        "X-Signature",
        "data=" + sign("GET," + PATH + ",X-Docker-Date:" + date));
  }

  private static SignedRequest request(String method, String path, String... headers) {
    Map<String, List<String>> all = new LinkedHashMap<>();
    for (int i = 0; i < headers.length; i += 2) {
      all.computeIfAbsent(headers[i], name -> new ArrayList<>()).add(headers[i + 1]);
    }
    return new SignedRequest(method, path, all);
  }

  private static Map<String, List<String>> with(
      Map<String, List<String>> headers, String name, String value) {
    Map<String, List<String>> more = new LinkedHashMap<>(headers);
    more.put(name, List.of(value));
    return more;
  }

  private static String sign(String text) {
    try {
      Signature signature = Signature.getInstance("SHA256withRSA");
      signature.initSign(pair.getPrivate());
      signature.update(text.getBytes(StandardCharsets.UTF_8));
      return Base64.getEncoder().encodeToString(signature.sign());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static byte[] join(byte[] first, byte[] second) {
    byte[] both = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, both, first.length, second.length);
    return both;
  }

  private static Path file(String name) {
    URL resource = PrivilegedKeysTest.class.getResource("/privileged/" + name);
    try {
      return Path.of(Objects.requireNonNull(resource, name).toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String vector(String name) {
    Properties vectors = new Properties();
    try (InputStream in = Files.newInputStream(file("signatures.properties"))) {
      vectors.load(in);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return Objects.requireNonNull(vectors.getProperty(name), name);
  }
}
