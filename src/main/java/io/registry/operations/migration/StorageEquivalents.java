package io.registry.operations.migration;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Maps the original's settings of stores and Redis to those of this registry (protocol 8.2, 8.3).
 */
final class StorageEquivalents {
  private static final List<String> DEAD =
      List.of("swift", "azureblob", "glance", "elliptics", "oss");

  private StorageEquivalents() {}

  static void add(Translation old) {
    String storage = old.text("storage").orElse("local");
    List<String> profiles = new ArrayList<>();
    switch (storage) {
      case "local", "file" -> local(old);
      case "s3" -> {
        profiles.add("s3");
        s3(old);
      }
      case "gcs" -> {
        profiles.add("gcs");
        gcs(old);
      }
      default ->
          throw new ConfigurationException(
              "There is no such store here as "
                  + storage
                  + ": move the files to a directory or to S3, and choose a flavor for that");
    }
    old.chosen("storage", "the store is " + storage);
    others(old);
    redis(old, profiles);
    if (!profiles.isEmpty()) {
      old.set("spring.profiles.active", String.join(",", profiles), "storage");
    }
    old.copyFlag("storage_redirect", "registry.storage.redirect");
  }

  private static void local(Translation old) {
    old.copy("storage_path", "registry.storage.local.path");
    old.copy("nginx_x_accel_redirect", "registry.storage.local.accel-redirect");
  }

  private static void s3(Translation old) {
    old.copy("storage_path", "registry.storage.s3.prefix");
    // The original's sample file contains both keys; its driver used the second.
    old.take("s3_bucket");
    old.copy("boto_bucket", "registry.storage.s3.bucket");
    if (old.text("boto_bucket").isEmpty() && old.text("s3_bucket").isPresent()) {
      old.copy("s3_bucket", "registry.storage.s3.bucket");
    }
    old.copy("s3_region", "registry.storage.s3.region");
    old.copy("s3_access_key", "registry.storage.s3.access-key");
    old.copy("s3_secret_key", "registry.storage.s3.secret-key");
    boolean encrypts = old.take("s3_encrypt").filter(OriginalValue::isTrue).isPresent();
    if (encrypts) {
      old.set("registry.storage.s3.encryption", "s3", "s3_encrypt");
    }
    old.chosen("s3_encrypt", "what is written is " + (encrypts ? "" : "not ") + "encrypted");
    endpoint(old);
    old.copy("cloudfront.base", "registry.storage.s3.cloudfront.base");
    old.copy("cloudfront.keyid", "registry.storage.s3.cloudfront.key-id");
    old.copy("cloudfront.keysecret", "registry.storage.s3.cloudfront.private-key");
  }

  private static void endpoint(Translation old) {
    boolean secure = old.take("s3_secure").map(OriginalValue::isTrue).orElse(false);
    Optional<String> port = old.text("boto_port");
    Optional<String> endpoint =
        old.text("boto_host")
            .map(
                host ->
                    (secure ? "https" : "http")
                        + "://"
                        + host
                        + port.map(it -> ":" + it).orElse(""));
    endpoint.ifPresent(url -> old.set("registry.storage.s3.endpoint", url, "boto_host"));
    for (String key : List.of("boto_host", "boto_port", "s3_secure")) {
      old.chosen(key, "the store is at " + endpoint.orElse("the address that AWS has for it"));
    }
    boolean inPath =
        old.text("boto_calling_format")
            .filter(format -> format.contains("OrdinaryCallingFormat"))
            .isPresent();
    if (inPath) {
      old.set("registry.storage.s3.path-style", true, "boto_calling_format");
    }
    old.chosen("boto_calling_format", "the bucket is in the " + (inPath ? "path" : "host"));
    old.take("s3_use_sigv4");
    old.take("boto_debug");
    for (String proxy :
        List.of("boto_proxy", "boto_proxy_port", "boto_proxy_user", "boto_proxy_pass")) {
      old.remark(proxy, "a proxy is set for the JVM: -Dhttps.proxyHost and -Dhttps.proxyPort");
    }
  }

  private static void gcs(Translation old) {
    old.copy("storage_path", "registry.storage.gcs.prefix");
    old.copy("boto_bucket", "registry.storage.gcs.bucket");
    String keys =
        "keys of the interoperability API are not used: a service account is,"
            + " see registry.storage.gcs.credentials-file";
    for (String key : List.of("gs_access_key", "gs_secret_key", "oauth2")) {
      old.remark(key, keys);
    }
    old.take("gs_secure");
  }

  // Keys of stores that are not chosen, and of stores that this registry does not have.
  private static void others(Translation old) {
    old.take("storage_path");
    for (String dead : DEAD) {
      old.ignoreStarting(dead + "_");
    }
    old.ignoreStarting("azure_");
    old.remark("storage_alternate", "only the store of Glance had one");
  }

  // One of two connections is enough: Redis is the cache, and the queue of comparisons.
  private static void redis(Translation old, List<String> profiles) {
    String used = old.text("cache_lru.host").isPresent() ? "cache_lru" : "cache";
    String other = used.equals("cache") ? "cache_lru" : "cache";
    if (old.text(used + ".host").isEmpty()) {
      old.chosen("cache.host", "no Redis is used");
      old.chosen("cache_lru.host", "no Redis is used");
      old.ignoreAll(used);
      old.ignoreAll(other);
      return;
    }
    profiles.add("redis");
    old.copy(used + ".host", "spring.data.redis.host");
    old.copy(used + ".port", "spring.data.redis.port", "6379");
    old.copy(used + ".db", "spring.data.redis.database", "0");
    old.copy(used + ".password", "spring.data.redis.password");
    old.chosen(used + ".host", "Redis is used");
    if (old.text(other + ".host").isPresent()
        && !old.text(other + ".host").equals(old.text(used + ".host"))) {
      old.remark(other + ".host", "one Redis is used for all, that of " + used);
    }
    old.ignoreAll(other);
  }
}
