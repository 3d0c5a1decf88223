package io.registry.storage.gcs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.registry.platform.problem.SetupException;
import io.registry.storage.BlobKey;
import io.registry.storage.BlobStorage;
import io.registry.testkit.FakeGcs;
import io.registry.testkit.FakeGcs.Call;
import io.registry.testkit.FakeGcs.Fault;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.util.unit.DataSize;

@ExtendWith(OutputCaptureExtension.class)
class GcsStorageConfigurationTest {
  private static final String GCS = "registry.storage.gcs.";
  private static final BlobKey KEY = BlobKey.of("images", "abc", "layer");

  private final FakeGcs gcs = new FakeGcs();
  private final Path directory;
  private final String key;

  GcsStorageConfigurationTest(@TempDir Path directory) throws IOException {
    this.directory = directory;
    this.key = Files.writeString(directory.resolve("key.json"), gcs.serviceAccount()).toString();
  }

  @AfterEach
  void close() {
    gcs.close();
  }

  @Test
  void withoutTheProfileNothingIsMadeOrAskedFor() {
    new ApplicationContextRunner()
        .withUserConfiguration(GcsStorageConfiguration.class)
        .withPropertyValues(GCS + "endpoint=" + gcs.endpoint())
        .run(context -> assertThat(context).hasNotFailed().doesNotHaveBean(BlobStorage.class));

    assertThat(gcs.countAll()).isZero();
  }

  @Test
  void theDefaultsAreForGoogleItself() {
    runner()
        .run(
            context -> {
              assertThat(context).hasNotFailed();
              assertThat(context.getBean(GcsStorageProperties.class))
                  .isEqualTo(
                      new GcsStorageProperties(
                          FakeGcs.BUCKET,
                          "",
                          key,
                          gcs.endpoint(),
                          "",
                          DataSize.ofMegabytes(8),
                          Duration.ofSeconds(5),
                          Duration.ofSeconds(30),
                          Duration.ofSeconds(60),
                          4));
              assertThat(context.getBean(BlobStorage.class).describe()).isEqualTo("gcs (layers/)");
            });
  }

  @Test
  void everySettingIsTaken() {
    runner()
        .withPropertyValues(
            GCS + "prefix=/old/registry//",
            GCS + "kms-key=a-key",
            GCS + "part-size=512KB",
            GCS + "connect-timeout=1s",
            GCS + "read-timeout=2s",
            GCS + "call-timeout=3s",
            GCS + "attempts=5")
        .run(
            context -> {
              assertThat(context.getBean(GcsStorageProperties.class))
                  .isEqualTo(
                      new GcsStorageProperties(
                          FakeGcs.BUCKET,
                          "old/registry",
                          key,
                          gcs.endpoint(),
                          "a-key",
                          DataSize.ofKilobytes(512),
                          Duration.ofSeconds(1),
                          Duration.ofSeconds(2),
                          Duration.ofSeconds(3),
                          5));
              BlobStorage storage = context.getBean(BlobStorage.class);
              assertThat(storage.describe()).isEqualTo("gcs (layers/old/registry/)");
              storage.write(KEY, new byte[10]);
              assertThat(gcs.kmsKey("old/registry/images/abc/layer")).isEqualTo("a-key");
              storage.write(KEY, new byte[1024 * 1024]);
              assertThat(gcs.kmsKey("old/registry/images/abc/layer")).isEqualTo("a-key");
              assertThat(storage.copy(KEY, KEY.child("copy"))).isTrue();
              assertThat(gcs.kmsKey("old/registry/images/abc/layer/copy")).isEqualTo("a-key");
              assertThat(gcs.count(Call.CHUNK)).isEqualTo(1);
            });
  }

  @Test
  void aMissingBucketStopsTheStartAndTellsTheProperty() {
    runner()
        .withPropertyValues(GCS + "bucket=")
        .run(
            context ->
                assertThat(context)
                    .getFailure()
                    .rootCause()
                    .hasMessageContaining("set registry.storage.gcs.bucket"));
  }

  @ParameterizedTest
  @CsvSource({
    "part-size, 100KB",
    "part-size, 0",
    "part-size, 8000000B",
    "part-size, 2GB",
    "attempts, 0",
    "connect-timeout, 0s",
    "read-timeout, 0s",
    "call-timeout, -1s",
    "call-timeout, 2h",
    "endpoint, storage.googleapis.com",
    "endpoint, ftp://storage.googleapis.com"
  })
  void aValueThatCannotBeUsedStopsTheStartAndTellsTheProperty(String name, String value) {
    runner()
        .withPropertyValues(GCS + name + "=" + value)
        .run(
            context ->
                assertThat(context).getFailure().rootCause().hasMessageContaining(GCS + name));
  }

  @Test
  void aBucketThatIsNotThereStopsTheStart() {
    gcs.removeBucket();

    assertRefused(runner(), "registry.storage.gcs.bucket: there is no bucket layers", "Create it");
  }

  @Test
  void aLackOfPermissionStopsTheStart() {
    gcs.always(Call.LIST, Fault.refuse(403, "no storage.objects.list access"));

    assertRefused(
        runner(),
        "registry.storage.gcs.bucket: the bucket layers cannot be used:"
            + " 403 no storage.objects.list access",
        "roles/storage.objectUser");
  }

  @Test
  void aRequestThatTheServiceDoesNotUnderstandStopsTheStart() {
    gcs.always(Call.LIST, Fault.refuse(400, "Invalid bucket name"));

    assertRefused(
        runner(),
        "registry.storage.gcs.bucket: the bucket layers cannot be used: 400 Invalid bucket name",
        "registry.storage.gcs.endpoint");
  }

  @Test
  void aKeyThatGoogleRefusesStopsTheStart() {
    gcs.always(Call.TOKEN, Fault.refuse(400, "invalid_grant"));

    assertRefused(
        runner(),
        "registry.storage.gcs.credentials-file: Google refuses the credentials with which the"
            + " registry asks for the bucket layers",
        "is not disabled");
  }

  @Test
  void aKeyFileThatIsNotThereStopsTheStart() {
    assertRefused(
        runner().withPropertyValues(GCS + "credentials-file=" + directory + "/nothing.json"),
        "registry.storage.gcs.credentials-file cannot be used: " + directory + "/nothing.json",
        "JSON key of a service account");
  }

  @ParameterizedTest
  @CsvSource(
      value = {"no json", "{}", "{\"type\":\"service_account\"}"},
      delimiter = '|')
  void aKeyFileThatIsNoneStopsTheStart(String content) throws IOException {
    Path file = Files.writeString(directory.resolve("bad.json"), content);

    assertRefused(
        runner().withPropertyValues(GCS + "credentials-file=" + file),
        "registry.storage.gcs.credentials-file cannot be used: " + file,
        "JSON key of a service account");
  }

  @Test
  void withARedirectTheCredentialsMustBeAbleToSign() throws IOException {
    Path file =
        Files.writeString(
            directory.resolve("user.json"),
            """
            {"type":"authorized_user","client_id":"a","client_secret":"b","refresh_token":"c"}
            """);

    assertRefused(
        runner()
            .withPropertyValues("registry.storage.redirect=true", GCS + "credentials-file=" + file),
        "registry.storage.redirect is on, but the credentials found cannot sign links",
        "registry.storage.gcs.credentials-file");
  }

  @Test
  void aServiceThatIsDownIsWarnedOfAndUsedWhenItComesBack(CapturedOutput output) {
    gcs.always(Call.LIST, Fault.refuse(503, "backendError"));
    gcs.always(Call.INSERT, Fault.refuse(503, "backendError"));

    runner()
        .run(
            context -> {
              assertThat(context).hasNotFailed();
              assertThat(output)
                  .contains("WARN")
                  .contains("does not answer for the bucket layers, starting all the same: 503");
              assertThat(gcs.count(Call.LIST)).isEqualTo(1);
              gcs.always(Call.LIST, Fault.none());
              gcs.always(Call.INSERT, Fault.none());
              BlobStorage storage = context.getBean(BlobStorage.class);
              assertThatCode(storage::probe).doesNotThrowAnyException();
              storage.write(KEY, new byte[10]);
              assertThat(storage.stat(KEY).orElseThrow().size()).isEqualTo(10);
            });
  }

  @Test
  void aServiceThatIsNotThereOrSilentIsWarnedOf(CapturedOutput output) {
    gcs.always(Call.TOKEN, Fault.hang());

    runner().run(context -> assertThat(context).hasNotFailed());
    assertThat(output).contains("starting all the same");

    gcs.close();
    runner().run(context -> assertThat(context).hasNotFailed());
  }

  @Test
  void anEndpointMayDoWithoutCredentials() {
    gcs.needNoCredentials();

    runner()
        .withPropertyValues(GCS + "credentials-file=")
        .run(
            context -> {
              assertThat(context).hasNotFailed();
              context.getBean(BlobStorage.class).write(KEY, new byte[10]);
              assertThat(gcs.names()).containsExactly(KEY.path());
            });
  }

  private ApplicationContextRunner runner() {
    return new ApplicationContextRunner()
        .withUserConfiguration(GcsStorageConfiguration.class)
        .withPropertyValues(
            "spring.profiles.active=gcs",
            GCS + "bucket=" + FakeGcs.BUCKET,
            GCS + "endpoint=" + gcs.endpoint(),
            GCS + "credentials-file=" + key);
  }

  private static void assertRefused(
      ApplicationContextRunner runner, String problem, String remedy) {
    runner.run(
        context ->
            assertThat(context)
                .getFailure()
                .satisfies(
                    failure -> {
                      SetupException refusal = refusal(failure);
                      assertThat(refusal.getMessage()).startsWith(problem);
                      assertThat(refusal.remedy()).contains(remedy);
                    }));
  }

  private static SetupException refusal(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof SetupException refusal) {
        return refusal;
      }
    }
    throw new AssertionError("it failed for another reason", failure);
  }
}
