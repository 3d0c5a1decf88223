package io.registry.storage.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.registry.platform.problem.SetupException;
import io.registry.storage.BlobKey;
import io.registry.storage.BlobStorage;
import io.registry.storage.BlobWriter;
import io.registry.testkit.FaultProxy;
import io.registry.testkit.FaultProxy.Fault;
import io.registry.testkit.S3Server;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.task.TaskExecutionAutoConfiguration;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.util.DigestUtils;
import org.springframework.util.unit.DataSize;
import software.amazon.awssdk.services.s3.S3Client;

/** The settings of the driver, and what an operator is told when they do not fit the store. */
class S3StorageConfigurationTest {
  private static S3Server server;
  private static String bucket;

  private FaultProxy proxy;
  private ApplicationContextRunner s3;

  @BeforeAll
  static void start() throws Exception {
    server = S3Server.start();
    bucket = server.createBucket();
  }

  @AfterAll
  static void stop() throws Exception {
    server.close();
  }

  @BeforeEach
  void open() throws IOException {
    proxy = new FaultProxy(server.port());
    s3 =
        new ApplicationContextRunner()
            .withConfiguration(AutoConfigurations.of(TaskExecutionAutoConfiguration.class))
            .withUserConfiguration(S3StorageConfiguration.class)
            .withBean(Clock.class, Clock::systemUTC)
            .withPropertyValues(
                "spring.profiles.active=s3",
                "registry.storage.s3.bucket=" + bucket,
                "registry.storage.s3.endpoint=" + proxy.endpoint(),
                "registry.storage.s3.path-style=true",
                "registry.storage.s3.access-key=" + S3Server.ACCESS_KEY,
                "registry.storage.s3.secret-key=" + S3Server.SECRET_KEY);
  }

  @AfterEach
  void close() throws IOException {
    proxy.close();
  }

  @Test
  void theDriverIsThereWithItsProfileOnly() {
    s3.run(context -> assertThat(context).hasSingleBean(BlobStorage.class));
    s3.withPropertyValues("spring.profiles.active=")
        .run(
            context ->
                assertThat(context)
                    .doesNotHaveBean(BlobStorage.class)
                    .doesNotHaveBean(S3Client.class)
                    .doesNotHaveBean(S3StorageProperties.class));
  }

  @Test
  void theDefaultsAreThoseOfTheManual() {
    s3.run(
        context -> {
          S3StorageProperties settings = context.getBean(S3StorageProperties.class);
          assertThat(settings.prefix()).isEmpty();
          assertThat(settings.encryption()).isEqualTo(S3StorageProperties.Encryption.NONE);
          assertThat(settings.partSize()).isEqualTo(DataSize.ofMegabytes(8));
          assertThat(settings.maxConnections()).isEqualTo(10_000);
          assertThat(settings.connectTimeout()).isEqualTo(Duration.ofSeconds(5));
          assertThat(settings.readTimeout()).isEqualTo(Duration.ofSeconds(30));
          assertThat(settings.callTimeout()).isEqualTo(Duration.ofSeconds(60));
          assertThat(settings.attempts()).isEqualTo(4);
          assertThat(settings.abandonedAfter()).isEqualTo(Duration.ofDays(7));
          assertThat(settings.cloudfront().isSet()).isFalse();
        });
  }

  @ParameterizedTest
  @CsvSource({
    "bucket=, must name the bucket",
    "part-size=1MB, registry.storage.s3.part-size must be at least 5MB",
    "part-size=6GB, registry.storage.s3.part-size must be at least 5MB and at most 5GB",
    "secret-key=, registry.storage.s3.access-key and secret-key must be given together",
    "kms-key=k, registry.storage.s3.kms-key needs",
    "endpoint=nonsense, registry.storage.s3.endpoint must be a URL",
    "endpoint=http://user:test-secret-key@localhost, without user and password",
    "storage-class=GLACIER, registry.storage.s3.storage-class must be one that can be read",
    "storage-class=STANDART, registry.storage.s3.storage-class must be one that can be read",
    "abandoned-after=1m, registry.storage.s3.abandoned-after must be 0 or at least 1h",
    "call-timeout=0s, registry.storage.s3.call-timeout must be positive",
    "attempts=0, must be greater than or equal to 1",
    "cloudfront.base=https://x, must be given together",
    "encryption=rot13, registry.storage.s3.encryption"
  })
  void aSettingThatMakesNoSenseIsNamed(String setting, String message) {
    s3.withPropertyValues("registry.storage.s3." + setting)
        .run(
            context -> {
              assertThat(context).hasFailed();
              assertThat(allMessages(context)).contains(message);
              assertThat(allMessages(context)).doesNotContain(S3Server.SECRET_KEY);
            });
  }

  @ParameterizedTest
  @CsvSource({
    "bucket=no-such-bucket, registry.storage.s3.bucket, no-such-bucket, Create the bucket",
    "access-key=unknown, registry.storage.s3.access-key, bucket-, Correct",
    "secret-key=wrong, registry.storage.s3.secret-key, bucket-, Correct"
  })
  void aStoreThatRefusesStopsTheStart(
      String setting, String property, String named, String remedy) {
    s3.withPropertyValues("registry.storage.s3." + setting)
        .run(context -> assertSetup(context, property, named, remedy));
  }

  @ParameterizedTest
  @CsvSource({
    "403, AccessDenied, registry.storage.s3.bucket, s3:ListBucket",
    "403, RequestTimeTooSkewed, registry.storage.s3.endpoint, clock",
    "301, PermanentRedirect, registry.storage.s3.region, region",
    "400, AuthorizationHeaderMalformed, registry.storage.s3.region, region",
    "400, ExpiredToken, registry.storage.s3.access-key, session-token",
    "400, Whatever, registry.storage.s3.bucket, what the store says"
  })
  void whatTheStoreSaysIsPutIntoARemedy(int status, String code, String property, String remedy) {
    proxy.plan(
        (number, request) ->
            Fault.status(
                status,
                "<Error><Code>%s</Code><Message>so it is</Message></Error>".formatted(code)));

    s3.run(
        context -> {
          assertSetup(context, property, bucket, remedy);
          assertThat(allMessages(context)).contains("so it is");
        });
  }

  @Test
  void temporaryKeysAreSentWithTheirToken() {
    proxy.plan((number, request) -> Fault.status(200, "<ListBucketResult></ListBucketResult>"));

    s3.withPropertyValues("registry.storage.s3.session-token=a-token")
        .run(context -> assertThat(context).hasSingleBean(BlobStorage.class));

    assertThat(header(proxy.heads().get(0), "x-amz-security-token")).isEqualTo("a-token");
  }

  @Test
  void withoutKeysCredentialsAreLookedForAsTheToolsDo() {
    withSystemProperties(
        Map.of("aws.accessKeyId", S3Server.ACCESS_KEY, "aws.secretAccessKey", S3Server.SECRET_KEY),
        () ->
            s3.withPropertyValues(
                    "registry.storage.s3.access-key=", "registry.storage.s3.secret-key=")
                .run(context -> assertThat(context).hasSingleBean(BlobStorage.class)));
  }

  @Test
  void credentialsThatAreNowhereStopTheStart() {
    assumeTrue(System.getenv("AWS_ACCESS_KEY_ID") == null, "this machine has credentials");
    withSystemProperties(
        Map.of(
            "aws.disableEc2Metadata", "true",
            "aws.sharedCredentialsFile", "/nowhere/credentials",
            "aws.configFile", "/nowhere/config"),
        () ->
            s3.withPropertyValues(
                    "registry.storage.s3.access-key=", "registry.storage.s3.secret-key=")
                .run(
                    context ->
                        assertSetup(
                            context,
                            "registry.storage.s3.access-key",
                            bucket,
                            "registry.storage.s3.secret-key")));
  }

  private static void withSystemProperties(Map<String, String> properties, Runnable run) {
    properties.forEach(System::setProperty);
    try {
      run.run();
    } finally {
      properties.keySet().forEach(System::clearProperty);
    }
  }

  @Test
  void aStoreThatIsAwayDoesNotStopTheStart() {
    proxy.plan((number, request) -> Fault.resetInBody(0));

    s3.run(context -> assertThat(context).hasSingleBean(BlobStorage.class));
  }

  @Test
  void aStoreThatIsSilentDoesNotStopTheStart() {
    proxy.plan((number, request) -> Fault.silence());

    s3.run(context -> assertThat(context).hasSingleBean(BlobStorage.class));
  }

  @Test
  void aPrivateKeyThatIsNoneStopsTheStart() {
    s3.withPropertyValues(
            "registry.storage.s3.cloudfront.base=https://d1.example.net",
            "registry.storage.s3.cloudfront.key-id=APKAEXAMPLE",
            "registry.storage.s3.cloudfront.private-key=/nowhere/key.pem")
        .run(
            context ->
                assertSetup(
                    context,
                    "registry.storage.s3.cloudfront.private-key",
                    "RSA private key",
                    "Name the file"));
  }

  @Test
  void noSecretIsInTheTextOfTheSettings() {
    try (S3TestStore store = S3TestStore.of(server, "session-token", "very-secret")) {
      assertThat(store.settings().toString())
          .contains(store.settings().bucket())
          .doesNotContain(S3Server.SECRET_KEY)
          .doesNotContain("very-secret");
    }
  }

  @ParameterizedTest
  @CsvSource({"s3, '', AES256", "kms, '', aws:kms", "kms, some-key, aws:kms", "none, '', ''"})
  void whatIsWrittenNamesItsEncryptionAndStorageClass(
      String encryption, String key, String expected) {
    proxy.plan(
        (number, request) ->
            Fault.status(
                200,
                "<InitiateMultipartUploadResult><UploadId>u</UploadId>"
                    + "</InitiateMultipartUploadResult>"));
    try (S3TestStore store =
        S3TestStore.of(
            server,
            "endpoint",
            proxy.endpoint().toString(),
            "encryption",
            encryption,
            "kms-key",
            key,
            "storage-class",
            "STANDARD_IA")) {
      store.storage().write(BlobKey.of("images", "abc", "layer"), new byte[] {1});
      try (BlobWriter writer = store.storage().create(BlobKey.of("images", "abc", "layer"))) {
        writer.write(new byte[6 * 1024 * 1024]);
      }
    }

    List<String> writes =
        proxy.heads().stream()
            .filter(head -> head.matches("(?s)(PUT [^?]*|POST [^ ]*[?]uploads) .*"))
            .toList();
    assertThat(writes).hasSize(2);
    for (String head : writes) {
      assertThat(header(head, "x-amz-storage-class")).isEqualTo("STANDARD_IA");
      assertThat(header(head, "x-amz-server-side-encryption")).isEqualTo(expected);
      assertThat(header(head, "x-amz-server-side-encryption-aws-kms-key-id")).isEqualTo(key);
    }
  }

  // Over TLS the signature does not cover the bytes, so this is what the store compares.
  @Test
  void everyWriteNamesTheMd5OfItsBytes() {
    proxy.heal();
    try (S3TestStore store =
        S3TestStore.of(server, "endpoint", proxy.endpoint().toString(), "part-size", "5MB")) {
      store.storage().write(BlobKey.of("images", "abc", "json"), new byte[] {1});
      store.storage().write(BlobKey.of("images", "abc", "layer"), new byte[6 * 1024 * 1024]);
      boolean written =
          store.storage().writeIfAbsent(BlobKey.of("images", "abc", "mark"), new byte[] {1});

      assertThat(written).isTrue();
    }
    Map<String, String> sums =
        proxy.heads().stream()
            .filter(head -> head.startsWith("PUT ") && !head.contains("_conditional_"))
            .collect(
                Collectors.toMap(
                    head -> head.replaceFirst("(?s)PUT [^ ]*/([^/ &]*)(&uploadId=[^ ]*)? .*", "$1"),
                    head -> header(head, "content-md5")));
    String ofOne = md5(new byte[] {1});
    assertThat(sums)
        .containsOnly(
            Map.entry("json", ofOne),
            Map.entry("mark", ofOne),
            Map.entry("layer?partNumber=1", md5(new byte[5 * 1024 * 1024])),
            Map.entry("layer?partNumber=2", md5(new byte[1024 * 1024])));
  }

  private static String md5(byte[] bytes) {
    return Base64.getEncoder().encodeToString(DigestUtils.md5Digest(bytes));
  }

  private static String header(String head, String name) {
    return head.lines()
        .filter(line -> line.toLowerCase(Locale.ROOT).startsWith(name + ": "))
        .map(line -> line.substring(name.length() + 2))
        .findFirst()
        .orElse("");
  }

  private static void assertSetup(
      AssertableApplicationContext context, String property, String named, String remedy) {
    assertThat(context).hasFailed();
    SetupException failure = setup(Objects.requireNonNull(context.getStartupFailure()));
    assertThat(failure).hasMessageStartingWith(property).hasMessageContaining(named);
    assertThat(failure.remedy()).contains(remedy);
    assertThat(allMessages(context)).doesNotContain(S3Server.SECRET_KEY);
  }

  private static SetupException setup(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof SetupException setup) {
        return setup;
      }
    }
    throw new AssertionError("not about the set-up", failure);
  }

  private static String allMessages(AssertableApplicationContext context) {
    StringBuilder all = new StringBuilder();
    for (Throwable cause = context.getStartupFailure(); cause != null; cause = cause.getCause()) {
      all.append(cause).append('\n');
    }
    return all.toString();
  }
}
