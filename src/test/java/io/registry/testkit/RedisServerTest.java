package io.registry.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Map;
import javax.net.SocketFactory;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("external")
class RedisServerTest {
  private static final Duration SHORT = Duration.ofMillis(100);
  private static final Duration LONG = Duration.ofSeconds(10);

  @Test
  void answersCommands() {
    try (RedisServer redis = RedisServer.start("--maxmemory", "4mb")) {
      assertThat(redis.run("SET", "key", "value")).isEqualTo("OK");
      assertThat(redis.run("GET", "key")).isEqualTo("value");
      assertThat(redis.run("GET", "other")).isEqualTo("(nil)");
      assertThat(redis.run("STRLEN", "key")).isEqualTo("5");
      assertThat(redis.run("MGET", "key", "other")).isEqualTo("value\n(nil)");
      assertThat(redis.run("CONFIG", "GET", "maxmemory")).isEqualTo("maxmemory\n4194304");
      assertThat(redis.keys()).containsExactly("key");
      assertThatThrownBy(() -> redis.run("HGETALL", "key"))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("WRONGTYPE");
      assertThat(redis.arguments())
          .containsExactly(
              "--spring.profiles.active=redis",
              "--spring.data.redis.host=127.0.0.1",
              "--spring.data.redis.port=" + redis.port());
    }
  }

  @Test
  void keepsAnyBytes() throws Exception {
    byte[] any = {0, '\r', '\n', (byte) 0xff, '$'};
    try (RedisServer redis = RedisServer.start();
        RedisConnection connection = redis.connect(LONG)) {
      redis.set("key", any);
      redis.hset("hash", "field", any);
      assertThat(connection.call("GET", "key")).isEqualTo(any);
      Map<String, byte[]> hash = redis.hgetAll("hash");
      assertThat(hash).containsOnlyKeys("field");
      assertThat(hash.get("field")).isEqualTo(any);
      assertThat(redis.hgetAll("none")).isEmpty();
    }
  }

  @Test
  void answersAfterAPauseOnly() throws Exception {
    try (RedisServer redis = RedisServer.start();
        RedisConnection connection = redis.connect(SHORT)) {
      redis.pause();
      assertThat(redis.isRunning()).isTrue();
      assertThatThrownBy(() -> connection.call("PING")).isInstanceOf(SocketTimeoutException.class);
      redis.resume();
      assertThat(redis.run("PING")).isEqualTo("PONG");
    }
  }

  @Test
  void isSetBackToWhatItSaved() {
    try (RedisServer redis = RedisServer.start()) {
      int port = redis.port();
      redis.run("SET", "key", "old");
      redis.save();
      redis.run("SET", "key", "new");
      redis.kill();
      assertThat(redis.isRunning()).isFalse();
      assertThatThrownBy(() -> redis.run("PING")).isInstanceOf(UncheckedIOException.class);
      redis.startAgain();
      assertThat(redis.port()).isEqualTo(port);
      assertThat(redis.run("GET", "key")).isEqualTo("old");
    }
  }

  @Test
  void forgetsWhatItDidNotSave() {
    try (RedisServer redis = RedisServer.start();
        RedisServer replica = redis.startReplica()) {
      redis.run("SET", "key", "value");
      assertThat(redis.run("WAIT", "1", "10000")).isEqualTo("1");
      redis.kill();
      redis.startAgain();
      assertThat(redis.keys()).isEmpty();
      assertThat(replica.isRunning()).isTrue();
    }
  }

  @Test
  void replicasFollow() {
    try (RedisServer redis = RedisServer.start()) {
      redis.run("SET", "before", "value");
      try (RedisServer replica = redis.startReplica()) {
        assertThat(replica.keys()).containsExactly("before");
        redis.run("SET", "after", "value");
        assertThat(redis.run("WAIT", "1", "10000")).isEqualTo("1");
        assertThat(replica.keys()).containsExactly("after", "before");
        assertThatThrownBy(() -> replica.run("SET", "key", "value"))
            .hasMessageContaining("READONLY");
      }
    }
  }

  @Test
  void tellsTheCommandsOfClients() {
    try (RedisServer redis = RedisServer.start()) {
      redis.run("SET", "before", "value");
      String script = "redis.call('SET', KEYS[1], ARGV[1]) return redis.call('GET', KEYS[1])";
      assertThat(
              redis.commands(
                  () -> {
                    redis.run("set", "key", "\"a\" b\n");
                    redis.run("EVAL", script, "1", "other", "value");
                  }))
          .containsExactly("SET key \"a\" b\\n", "EVAL " + script + " 1 other value");
      assertThat(redis.commands(() -> {})).isEmpty();
      assertThat(redis.run("GET", "other")).isEqualTo("value");
    }
  }

  @Test
  void refusesAllButItsUser() throws Exception {
    try (RedisServer redis = RedisServer.startWithUser("alice", "secret", "~own:*", "+get");
        RedisServer replica = redis.startReplica();
        RedisConnection anybody = plain(redis)) {
      redis.run("SET", "own:key", "value");
      assertThatThrownBy(() -> anybody.call("GET", "own:key")).hasMessageContaining("NOAUTH");
      assertThatThrownBy(() -> anybody.call("AUTH", "alice", "guess"))
          .hasMessageContaining("WRONGPASS");
      assertThat(anybody.call("AUTH", "alice", "secret")).isEqualTo("OK");
      assertThat(anybody.call("GET", "own:key"))
          .isEqualTo("value".getBytes(StandardCharsets.UTF_8));
      assertThatThrownBy(() -> anybody.call("GET", "key")).hasMessageContaining("NOPERM");
      assertThatThrownBy(() -> anybody.call("SET", "own:key", "other"))
          .hasMessageContaining("NOPERM");
      assertThat(redis.arguments())
          .endsWith("--spring.data.redis.username=alice", "--spring.data.redis.password=secret");
      assertThat(redis.run("WAIT", "1", "10000")).isEqualTo("1");
      assertThat(replica.keys()).containsExactly("own:key");
    }
  }

  @Test
  void speaksTls() throws Exception {
    assumeTrue(RedisServer.hasTls(), "this redis-server has no TLS");
    try (RedisServer redis = RedisServer.startWithTls();
        RedisServer replica = redis.startReplica();
        RedisConnection unencrypted = plain(redis)) {
      assertThat(redis.run("SET", "key", "value")).isEqualTo("OK");
      assertThat(redis.run("WAIT", "1", "10000")).isEqualTo("1");
      assertThat(replica.run("GET", "key")).isEqualTo("value");
      assertThatThrownBy(() -> unencrypted.call("PING")).isInstanceOf(IOException.class);
      assertThat(redis.arguments()).contains("--spring.data.redis.ssl.bundle=redis");
    }
  }

  @Test
  void isGoneWhenItIsClosed() {
    RedisServer redis = RedisServer.start();
    redis.pause();
    redis.close();
    assertThat(redis.isRunning()).isFalse();
  }

  @Test
  void tellsWhyItDoesNotStart() {
    assertThatThrownBy(() -> RedisServer.start("--no-such-option", "1"))
        .hasMessageContaining("no-such-option");
  }

  @Test
  void hasAProgramForMachinesWithout() {
    assertThat(Files.isExecutable(RedisBinary.bundled())).isTrue();
  }

  private static RedisConnection plain(RedisServer redis) throws Exception {
    return new RedisConnection(SocketFactory.getDefault(), redis.port(), LONG);
  }
}
