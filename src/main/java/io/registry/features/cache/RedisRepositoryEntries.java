package io.registry.features.cache;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.registry.content.repository.RepositoryName;
import io.registry.platform.concurrent.MonotonicClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.springframework.core.io.ClassPathResource;
import org.springframework.data.redis.core.RedisTemplate;
import org.springframework.data.redis.core.script.RedisScript;
import org.springframework.util.unit.DataSize;

/**
 * Caches repositories for all processes on a store in one Redis server. The Lua script next to this
 * class makes each step atomic, and works only on the very server that holds the epoch.
 */
final class RedisRepositoryEntries implements RepositoryEntries {
  /** Longer than the interval between probes. */
  private static final Duration PROBE_TTL = Duration.ofMinutes(2);

  private static final String KIND = "redis";
  private static final String FOUND = "found";
  private static final RedisScript<List<byte[]>> SCRIPT = script();

  private final RedisTemplate<byte[], byte[]> redis;
  private final RedisKeys keys;
  private final Duration ttl;
  private final DataSize largest;
  private final RedisCircuit circuit;
  private volatile Optional<String> server = Optional.empty();

  /**
   * Creates the cache.
   *
   * @param redis the client, which passes bytes on unchanged
   * @param reconnect makes the client open a new connection
   * @param keys names the keys
   * @param ttl how long an entry is kept; 0 to cache nothing
   * @param largest the largest part that is cached
   * @param clock for the circuit breaker
   */
  RedisRepositoryEntries(
      RedisTemplate<byte[], byte[]> redis,
      Runnable reconnect,
      RedisKeys keys,
      Duration ttl,
      DataSize largest,
      MonotonicClock clock) {
    this.redis = redis;
    this.keys = keys;
    this.ttl = ttl;
    this.largest = largest;
    this.circuit = new RedisCircuit(this::probe, reconnect, clock);
  }

  // The value serializer decides the type of the elements of a reply.
  @SuppressWarnings({"unchecked", "rawtypes"})
  private static RedisScript<List<byte[]>> script() {
    return (RedisScript)
        RedisScript.of(
            new ClassPathResource("repository-entry.lua", RedisRepositoryEntries.class),
            List.class);
  }

  /** The circuit breaker of Redis. */
  RedisCircuit circuit() {
    return circuit;
  }

  @Override
  public Optional<String> holder() {
    return circuit.isOpen() ? Optional.empty() : server.map(this::holder);
  }

  private String holder(String name) {
    return String.join(" ", KIND, name, keys.location());
  }

  @Override
  public boolean isShared() {
    return true;
  }

  @Override
  public boolean recover() {
    return circuit.isOpen() && circuit.probeNow();
  }

  @Override
  public <V> Recall<V> find(Epoch epoch, RepositoryName repository, CachePart<V> part) {
    if (ttl.isZero()) {
      return Recall.none();
    }
    return run(
            epoch,
            repository,
            "find",
            part.name(),
            UUID.randomUUID().toString(),
            String.valueOf(ttl.toMillis()))
        .filter(reply -> text(reply, 0).equals(FOUND))
        .map(
            reply ->
                new Recall<>(
                    ChecksummedPayload.open(place(repository, part), part.codec(), reply.get(2)),
                    Optional.of(text(reply, 1))))
        .orElseGet(Recall::none);
  }

  @Override
  public <V> void remember(
      Epoch epoch, RepositoryName repository, String token, CachePart<V> part, V value) {
    Optional<byte[]> sealed =
        ChecksummedPayload.seal(place(repository, part), part.codec(), value)
            .filter(bytes -> bytes.length <= largest.toBytes());
    if (sealed.isPresent()) {
      run(epoch, repository, "remember", token, part.name(), sealed.get());
    }
  }

  @Override
  public boolean block(Epoch epoch, RepositoryName repository, String change) {
    return run(epoch, repository, "block", change, String.valueOf(LONGEST_CHANGE.toMillis()))
        .isPresent();
  }

  @Override
  public boolean unblock(Epoch epoch, RepositoryName repository, String change) {
    return run(epoch, repository, "unblock", change).isPresent();
  }

  // Empty when Redis does not answer, or when the server is not the one that holds the epoch.
  private Optional<List<byte[]>> run(
      Epoch epoch, RepositoryName repository, String operation, Object... arguments) {
    Optional<String> name =
        server.filter(known -> epoch.holder().equals(Optional.of(holder(known))));
    if (name.isEmpty()) {
      return Optional.empty();
    }
    return circuit
        .call(
            () ->
                Optional.of(
                    execute(keys.repository(epoch, repository), operation, name.get(), arguments)))
        .filter(this::isOfThatServer);
  }

  private boolean isOfThatServer(List<byte[]> reply) {
    if (!text(reply, 0).equals("other")) {
      return true;
    }
    server = Optional.of(text(reply, 1)).filter(name -> !name.isEmpty());
    return false;
  }

  private void probe() {
    List<byte[]> reply = execute(keys.probe(), "probe", "", String.valueOf(PROBE_TTL.toMillis()));
    if (isOfThatServer(reply) || server.isEmpty()) {
      throw new IllegalStateException("The server is a replica, or does not tell its run_id");
    }
  }

  private List<byte[]> execute(String key, String operation, String name, Object... arguments) {
    List<byte[]> all = new ArrayList<>(List.of(operation.getBytes(UTF_8), name.getBytes(UTF_8)));
    for (Object argument : arguments) {
      all.add(argument instanceof byte[] bytes ? bytes : String.valueOf(argument).getBytes(UTF_8));
    }
    List<byte[]> reply = redis.execute(SCRIPT, List.of(key.getBytes(UTF_8)), all.toArray());
    if (reply == null) {
      throw new IllegalStateException("Redis said nothing");
    }
    return reply;
  }

  private static String text(List<byte[]> reply, int index) {
    return new String(reply.get(index), UTF_8);
  }

  private static String place(RepositoryName repository, CachePart<?> part) {
    return repository + " " + part.name();
  }
}
