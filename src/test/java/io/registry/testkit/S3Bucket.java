package io.registry.testkit;

import io.registry.testkit.FaultProxy.Fault;
import java.util.ArrayList;
import java.util.List;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.model.MultipartUpload;
import software.amazon.awssdk.services.s3.model.S3Object;

/** A bucket on a server that speaks S3. */
public final class S3Bucket implements Bucket {
  private final S3Server server;
  private final FaultProxy proxy;
  private final String name;

  public S3Bucket() throws Exception {
    server = S3Server.start();
    proxy = new FaultProxy(server.port());
    name = server.createBucket();
  }

  @Override
  public List<String> arguments() {
    return List.of(
        "--spring.profiles.active=s3",
        "--registry.storage.s3.bucket=" + name,
        "--registry.storage.s3.prefix=/registry",
        "--registry.storage.s3.endpoint=" + proxy.endpoint(),
        "--registry.storage.s3.path-style=true",
        "--registry.storage.s3.access-key=" + S3Server.ACCESS_KEY,
        "--registry.storage.s3.secret-key=" + S3Server.SECRET_KEY,
        "--registry.storage.s3.attempts=2",
        "--registry.storage.s3.read-timeout=5s");
  }

  /** What stands between the registry and the server. */
  public FaultProxy proxy() {
    return proxy;
  }

  @Override
  public void put(String object, byte[] bytes) {
    server
        .admin()
        .putObject(request -> request.bucket(name).key(object), RequestBody.fromBytes(bytes));
  }

  @Override
  public byte[] bytes(String object) {
    return server
        .admin()
        .getObjectAsBytes(request -> request.bucket(name).key(object))
        .asByteArray();
  }

  @Override
  public List<String> objects() {
    List<String> names = new ArrayList<>();
    server.admin().listObjectsV2Paginator(request -> request.bucket(name)).contents().stream()
        .map(S3Object::key)
        .forEach(names::add);
    return names;
  }

  /** The names of the objects that are being uploaded in parts. */
  public List<String> unfinishedUploads() {
    return server.admin().listMultipartUploads(request -> request.bucket(name)).uploads().stream()
        .map(MultipartUpload::key)
        .toList();
  }

  /** Aborts them, as an operator would. */
  public void abortUploads() {
    for (MultipartUpload upload :
        server.admin().listMultipartUploads(request -> request.bucket(name)).uploads()) {
      server
          .admin()
          .abortMultipartUpload(
              request -> request.bucket(name).key(upload.key()).uploadId(upload.uploadId()));
    }
  }

  @Override
  public int calls() {
    long calls = proxy.requests().stream().filter(request -> !request.contains("_cache")).count();
    proxy.heal();
    return (int) calls;
  }

  @Override
  public int callsOfACopy() {
    return 2;
  }

  @Override
  public void fail() {
    proxy.plan((number, request) -> Fault.resetInBody(0));
  }

  @Override
  public void heal() {
    proxy.heal();
  }

  @Override
  public String endpoint() {
    return proxy.endpoint().toString();
  }

  @Override
  public void close() throws Exception {
    proxy.close();
    server.close();
  }
}
