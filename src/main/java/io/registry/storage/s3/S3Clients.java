package io.registry.storage.s3;

import io.registry.platform.problem.SetupException;
import io.registry.platform.trace.Traces;
import java.net.URI;
import java.time.Duration;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.AwsSessionCredentials;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.http.apache5.Apache5HttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.regions.providers.DefaultAwsRegionProviderChain;
import software.amazon.awssdk.services.s3.LegacyMd5Plugin;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3ClientBuilder;
import software.amazon.awssdk.services.s3.S3Configuration;
import software.amazon.awssdk.services.s3.presigner.S3Presigner;

/** Creates the clients of the AWS SDK from the settings. */
final class S3Clients {
  private static final Duration ACQUISITION_TIMEOUT = Duration.ofSeconds(10);

  private final S3StorageProperties settings;
  private final Traces traces;
  private final Region region;
  private final AwsCredentialsProvider credentials;

  S3Clients(S3StorageProperties settings) {
    this(settings, Traces.NONE);
  }

  S3Clients(S3StorageProperties settings, Traces traces) {
    this.settings = settings;
    this.traces = traces;
    this.region = region(settings);
    this.credentials = credentials(settings);
  }

  /** Creates a client; it opens connections when it is used. */
  S3Client client() {
    S3ClientBuilder builder =
        S3Client.builder()
            .region(region)
            .credentialsProvider(credentials)
            .forcePathStyle(settings.pathStyle())
            // Not all stores support AWS's chunked encoding and checksums in trailers. The uploads
            // send an MD5 instead.
            .serviceConfiguration(S3Configuration.builder().chunkedEncodingEnabled(false).build())
            .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
            .responseChecksumValidation(ResponseChecksumValidation.WHEN_REQUIRED)
            .addPlugin(LegacyMd5Plugin.create())
            .httpClientBuilder(
                Apache5HttpClient.builder()
                    .maxConnections(settings.maxConnections())
                    .connectionTimeout(settings.connectTimeout())
                    .socketTimeout(settings.readTimeout())
                    .connectionAcquisitionTimeout(ACQUISITION_TIMEOUT))
            .overrideConfiguration(
                config ->
                    config
                        .apiCallTimeout(settings.callTimeout())
                        .retryStrategy(
                            AwsRetryStrategy.standardRetryStrategy().toBuilder()
                                .maxAttempts(settings.attempts())
                                .build()));
    if (!traces.equals(Traces.NONE)) {
      builder.overrideConfiguration(
          builder.overrideConfiguration().toBuilder()
              .addExecutionInterceptor(new TraceHeaders(traces))
              .build());
    }
    if (!settings.endpoint().isBlank()) {
      builder.endpointOverride(URI.create(settings.endpoint()));
    }
    return builder.build();
  }

  /** Creates the signer of URLs. */
  S3Presigner presigner() {
    S3Presigner.Builder builder =
        S3Presigner.builder()
            .region(region)
            .credentialsProvider(credentials)
            .serviceConfiguration(
                S3Configuration.builder().pathStyleAccessEnabled(settings.pathStyle()).build());
    if (!settings.endpoint().isBlank()) {
      builder.endpointOverride(URI.create(settings.endpoint()));
    }
    return builder.build();
  }

  private static AwsCredentialsProvider credentials(S3StorageProperties settings) {
    if (settings.accessKey().isBlank()) {
      return DefaultCredentialsProvider.builder().build();
    }
    return StaticCredentialsProvider.create(
        settings.sessionToken().isBlank()
            ? AwsBasicCredentials.create(settings.accessKey(), settings.secretKey())
            : AwsSessionCredentials.create(
                settings.accessKey(), settings.secretKey(), settings.sessionToken()));
  }

  private static Region region(S3StorageProperties settings) {
    if (!settings.region().isBlank()) {
      return Region.of(settings.region());
    }
    if (!settings.endpoint().isBlank()) {
      return Region.US_EAST_1;
    }
    try {
      return DefaultAwsRegionProviderChain.builder().build().getRegion();
    } catch (SdkClientException e) {
      throw new SetupException(
          "registry.storage.s3.region: the region of bucket " + settings.bucket() + " is not set",
          "Set registry.storage.s3.region, or AWS_REGION in the environment",
          e);
    }
  }
}
