package io.registry.web.v1;

import static org.assertj.core.api.Assertions.assertThat;

import io.registry.testkit.DockerDaemon;
import io.registry.testkit.DockerFamily;
import io.registry.testkit.RedisServer;
import io.registry.testkit.S3Bucket;
import io.registry.testkit.TestImage;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

/** What a daemon's pull of an image of 60 layers asks the store for. */
@Tag("external")
@TestInstance(Lifecycle.PER_CLASS)
@Tag("slow")
class WarmPullHttpTest {
  private static final int LAYERS = 60;
  private static final String NAME = "team/deep";
  private static final String TAGS = "/v1/repositories/" + NAME + "/tags";

  private S3Bucket bucket;
  private RedisServer redis;
  private List<TestImage> images;

  @BeforeAll
  void push() throws Exception {
    bucket = new S3Bucket();
    redis = RedisServer.start();
    images = images();
    try (CachingRegistry registry = start()) {
      new DockerDaemon(DockerFamily.DOCKER_1_9, registry.port())
          .push(NAME, images, Map.of("v1", images.get(LAYERS - 1).id()));
    }
  }

  private static List<TestImage> images() {
    List<TestImage> images = new ArrayList<>(List.of(TestImage.base("deep 0", "layer 0")));
    for (int i = 1; i < LAYERS; i++) {
      images.add(TestImage.child("deep " + i, images.get(i - 1), "layer " + i));
    }
    return images;
  }

  @AfterAll
  void stop() throws Exception {
    redis.close();
    bucket.close();
  }

  private CachingRegistry start(String... more) {
    List<String> arguments = new ArrayList<>(bucket.arguments());
    arguments.addAll(List.of(more));
    return CachingRegistry.startWith(arguments.toArray(String[]::new));
  }

  private CachingRegistry startWarm(String... more) {
    CachingRegistry registry = start(more);
    registry.awaitMemory(TAGS);
    return registry;
  }

  private List<String> asked(CachingRegistry registry) {
    bucket.calls();
    List<TestImage> pulled =
        new DockerDaemon(DockerFamily.DOCKER_1_9, registry.port()).pull(NAME, "v1");
    assertThat(pulled).hasSize(LAYERS);
    for (int i = 0; i < LAYERS; i++) {
      assertThat(pulled.get(i).layer()).isEqualTo(images.get(i).layer());
    }
    return bucket.proxy().requests().stream()
        .filter(request -> !request.contains("/_cache/"))
        .toList();
  }

  private Stream<String> layers() {
    return images.stream().map(image -> "images/" + image.id() + "/layer");
  }

  private void assertAskedForLayersOnly(List<String> asked) {
    assertThat(asked).hasSize(LAYERS).allSatisfy(it -> assertThat(it).startsWith("GET "));
    layers().forEach(layer -> assertThat(asked).anySatisfy(it -> assertThat(it).contains(layer)));
  }

  @Test
  void oneProcessAsksForNothingButLayersTheSecondTime() {
    try (CachingRegistry registry = startWarm()) {
      assertThat(asked(registry)).hasSizeGreaterThan(2 * LAYERS);
      assertAskedForLayersOnly(asked(registry));
    }
  }

  @Test
  void withRedisNoProcessAsksForMoreWhenOneOfThemHasPulled() {
    try (CachingRegistry one = startWarm(redis.arguments());
        CachingRegistry other = startWarm(redis.arguments())) {
      assertThat(asked(one)).hasSizeGreaterThan(2 * LAYERS);
      assertAskedForLayersOnly(asked(one));
      assertAskedForLayersOnly(asked(other));
    }
  }
}
