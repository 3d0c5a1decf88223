package io.registry.ops;

import java.util.UUID;
import org.springframework.cache.Cache;

/** Puts, gets and evicts a value, as the original did with its Redis. */
public final class CacheCheck implements ServiceCheck {
  private final Cache cache;

  /**
   * A check.
   *
   * @param cache what is tried out
   */
  public CacheCheck(Cache cache) {
    this.cache = cache;
  }

  @Override
  public String name() {
    return "cache";
  }

  @Override
  public void run() {
    String key = "_status_" + UUID.randomUUID();
    cache.put(key, key);
    String read = cache.get(key, String.class);
    cache.evict(key);
    if (!key.equals(read)) {
      throw new IllegalStateException("what was put could not be got back");
    }
  }
}
