package io.registry.testkit;

import java.net.URI;
import java.util.Properties;
import java.util.UUID;
import org.gaul.s3proxy.BlobStores;
import org.gaul.s3proxy.S3Proxy;
import org.gaul.s3proxy.auth.AuthenticationType;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;

/** A server that speaks S3, in this process, with its objects in memory. Verifies signatures. */
public final class S3Server implements AutoCloseable {
  public static final String ACCESS_KEY = "test-access-key";
  public static final String SECRET_KEY = "test-secret-key";

  private final S3Proxy server;
  private final S3Client admin;

  private S3Server(S3Proxy server) {
    this.server = server;
    this.admin =
        S3Client.builder()
            .endpointOverride(endpoint())
            .region(Region.US_EAST_1)
            .forcePathStyle(true)
            .credentialsProvider(
                StaticCredentialsProvider.create(
                    AwsBasicCredentials.create(ACCESS_KEY, SECRET_KEY)))
            .build();
  }

  /** Starts a server on a port of its own. */
  public static S3Server start() throws Exception {
    return start(URI.create("http://127.0.0.1:0"));
  }

  private static S3Server start(URI endpoint) throws Exception {
    Properties properties = new Properties();
    properties.setProperty("jclouds.identity", ACCESS_KEY);
    properties.setProperty("jclouds.credential", SECRET_KEY);
    S3Proxy server =
        S3Proxy.builder()
            .blobStore(new AtomicBlobStore(BlobStores.create("transient-nio2", properties)))
            .awsAuthentication(AuthenticationType.AWS_V4, ACCESS_KEY, SECRET_KEY)
            .endpoint(endpoint)
            .build();
    server.start();
    return new S3Server(server);
  }

  /**
   * A server with a bucket as a program of its own, which says how to reach it.
   *
   * @param arguments where it listens, and the name of the bucket; without, both are its own
   */
  public static void main(String[] arguments) throws Exception {
    if (arguments.length == 2) {
      S3Server server = start(URI.create(arguments[0]));
      server.admin.createBucket(request -> request.bucket(arguments[1]));
      return;
    }
    S3Server server = start();
    System.out.println("S3_ENDPOINT=" + server.endpoint());
    System.out.println("S3_BUCKET=" + server.createBucket());
    System.out.println("S3_ACCESS_KEY=" + ACCESS_KEY);
    System.out.println("S3_SECRET_KEY=" + SECRET_KEY);
  }

  public int port() {
    return server.getPort();
  }

  /** Where it listens. */
  public URI endpoint() {
    return URI.create("http://127.0.0.1:" + server.getPort());
  }

  /** Makes a bucket that nobody else has, and answers its name. */
  public String createBucket() {
    String bucket = "bucket-" + UUID.randomUUID();
    admin.createBucket(request -> request.bucket(bucket));
    return bucket;
  }

  /** A client that may do everything. */
  public S3Client admin() {
    return admin;
  }

  @Override
  public void close() throws Exception {
    admin.close();
    server.stop();
  }
}
