package io.registry.web.v1;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.registry.testkit.Budget;
import io.registry.testkit.CephGateway;
import java.net.URI;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.S3Object;

/** Two processes on a bucket that keeps conditions of whole objects, but not of parts. */
@Tag("external")
@Tag("slow")
class CephPushReplicasHttpTest extends PushReplicasHttpContract {
  private final String bucket = "bucket-" + UUID.randomUUID();

  @BeforeAll
  @Override
  void start() throws Exception {
    assumeTrue(
        CephGateway.isInstalled(), "radosgw, ceph-mon or ceph-osd is missing: no second server");
    try (S3Client client = client()) {
      client.createBucket(request -> request.bucket(bucket));
    }
    super.start();
  }

  private static S3Client client() {
    URI endpoint = CephGateway.shared().endpoint();
    return S3Client.builder()
        .endpointOverride(endpoint)
        .region(Region.US_EAST_1)
        .forcePathStyle(true)
        .credentialsProvider(
            StaticCredentialsProvider.create(
                AwsBasicCredentials.create(CephGateway.ACCESS_KEY, CephGateway.SECRET_KEY)))
        .build();
  }

  @Override
  List<String> arguments() {
    return List.of(
        "--spring.profiles.active=s3",
        "--registry.storage.s3.bucket=" + bucket,
        "--registry.storage.s3.endpoint=" + CephGateway.shared().endpoint(),
        "--registry.storage.s3.path-style=true",
        "--registry.storage.s3.access-key=" + CephGateway.ACCESS_KEY,
        "--registry.storage.s3.secret-key=" + CephGateway.SECRET_KEY,
        "--registry.storage.s3.part-size=5MB");
  }

  @Override
  List<String> files() {
    try (S3Client client = client()) {
      return client.listObjectsV2Paginator(request -> request.bucket(bucket)).contents().stream()
          .map(S3Object::key)
          .map(name -> name.replaceFirst("^/?registry/", ""))
          .toList();
    }
  }

  @Override
  int rounds() {
    return Budget.times(2);
  }

  @Override
  int kills() {
    return Budget.times(1);
  }

  @Override
  int size(int round) {
    return round == 0 ? MORE_THAN_TWO_PARTS : super.size(round);
  }
}
