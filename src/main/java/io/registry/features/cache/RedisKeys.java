package io.registry.features.cache;

import io.registry.content.repository.RepositoryName;
import org.apache.commons.codec.digest.DigestUtils;

/**
 * The names of the keys in Redis. Each contains the version of the value's format, the store that
 * it belongs to, and the epoch in which it was written.
 */
final class RedisKeys {
  private static final String VERSION = "registry:1:";
  private static final int DIGITS = 16;

  private final String location;

  /**
   * Creates the keys of a store.
   *
   * @param store the driver and where the blobs are: bucket and prefix, or directory
   */
  RedisKeys(String store) {
    this.location = DigestUtils.sha256Hex(store).substring(0, DIGITS);
  }

  /** Identifies the store in key names. */
  String location() {
    return location;
  }

  /** The cached parts of a repository. In a cluster, all keys of a store are on one server. */
  String repository(Epoch epoch, RepositoryName repository) {
    return VERSION + "{" + location + "}:repository:" + epoch.id() + ":" + repository;
  }

  /** The key that probes write, on the server that has the repositories. */
  String probe() {
    return VERSION + "{" + location + "}:probe";
  }

  /** The prefix of a cache's keys; for images, epoch and id follow. */
  String cache(String cache) {
    return VERSION + location + ":" + cache + ":";
  }
}
