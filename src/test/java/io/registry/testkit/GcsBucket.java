package io.registry.testkit;

import io.registry.testkit.FakeGcs.Call;
import io.registry.testkit.FakeGcs.Fault;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A bucket of the fake of Google Cloud Storage. */
public final class GcsBucket implements Bucket {
  private final FakeGcs server;
  private final Path key;

  /** A bucket; the key of its service account is written to that directory. */
  public GcsBucket(Path directory) throws IOException {
    server = new FakeGcs();
    key = Files.writeString(directory.resolve("key.json"), server.serviceAccount());
  }

  @Override
  public List<String> arguments() {
    return List.of(
        "--spring.profiles.active=gcs",
        "--registry.storage.gcs.bucket=" + FakeGcs.BUCKET,
        "--registry.storage.gcs.prefix=/registry",
        "--registry.storage.gcs.endpoint=" + server.endpoint(),
        "--registry.storage.gcs.credentials-file=" + key,
        "--registry.storage.gcs.attempts=2");
  }

  @Override
  public void put(String object, byte[] bytes) {
    server.put(object, bytes);
  }

  @Override
  public byte[] bytes(String object) {
    return server.bytes(object);
  }

  @Override
  public List<String> objects() {
    return server.names();
  }

  @Override
  public int calls() {
    int calls = server.countAll();
    server.forgetCounts();
    return calls;
  }

  @Override
  public int callsOfACopy() {
    return 1;
  }

  @Override
  public void fail() {
    always(Fault.refuse(503, "backendError"));
  }

  @Override
  public void heal() {
    always(Fault.none());
  }

  private void always(Fault fault) {
    for (Call call : Call.values()) {
      server.always(call, fault);
    }
  }

  @Override
  public String endpoint() {
    return server.endpoint();
  }

  @Override
  public void close() {
    server.close();
  }
}
