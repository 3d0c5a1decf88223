package io.registry.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import io.registry.testkit.Bucket;
import io.registry.testkit.RegistryServer;
import io.registry.testkit.TestClient.Answer;
import io.registry.testkit.TestPush;
import io.registry.testkit.TestPush.Layer;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The same in a bucket, which cannot link. */
abstract class BucketV1ViewsHttpContract extends V1ViewsHttpContract {
  private Optional<Bucket> opened = Optional.empty();

  abstract Bucket bucket(Path directory) throws Exception;

  private Bucket bucket() {
    return opened.orElseThrow();
  }

  @Override
  void open(Path directory) throws Exception {
    opened = Optional.of(bucket(directory));
  }

  @Override
  void close() throws Exception {
    bucket().close();
  }

  @Override
  List<String> arguments() {
    return bucket().arguments();
  }

  @Override
  List<String> files() {
    return bucket().objects();
  }

  @Override
  boolean areOne(String one, String other) {
    return one.equals(other);
  }

  @Test
  void clientsAreSentToTheBlob() {
    Layer shared = gzip("sent");
    TestPush push = push(server(), "sent", shared, zstd("sent/"));
    V1View before = publish(server(), push);
    try (RegistryServer other = start(List.of("--registry.storage.redirect=true"))) {
      TestPush late = push(other, "late", shared, zstd("late/"));
      V1View view = publish(other, late);

      for (int i = 0; i < 2; i++) {
        URI sent = location(other, before, 0);
        assertThat(sent.toString()).startsWith(bucket().endpoint());
        assertThat(sent.getPath()).endsWith("/registry/" + TestPush.key(shared.digest()));
        assertThat(location(other, before, 1).getPath())
            .endsWith("/registry/images/" + before.chain().get(1) + "/layer");
        assertThat(location(other, view, 1).getPath())
            .endsWith("/registry/images/" + view.chain().get(1) + "/layer");
      }
    }
  }

  private static URI location(RegistryServer server, V1View view, int image) {
    Answer answer = server.client().get("/v1/images/" + view.chain().get(image) + "/layer");
    assertThat(answer.status()).isEqualTo(302);
    return URI.create(answer.header("Location"));
  }
}
