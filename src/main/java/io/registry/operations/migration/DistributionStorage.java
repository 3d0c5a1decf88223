package io.registry.operations.migration;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.springframework.util.StringUtils;

/** Maps the stores of Distribution, its Redis and its read-only mode. */
final class DistributionStorage {
  private static final String DEFAULT_ROOT = "/var/lib/registry";

  private static final List<String> STORES = List.of("filesystem", "s3", "s3aws", "gcs");

  private static final Map<String, String> MISSING =
      Map.of(
          "azure", "copy the container to a directory, S3 or GCS, for example with rclone",
          "swift", "copy the container to a directory, S3 or GCS, for example with rclone",
          "oss", "its S3 endpoint can be used: configure storage.s3 with regionendpoint",
          "cos", "its S3 endpoint can be used: configure storage.s3 with regionendpoint",
          "inmemory", "nothing that was pushed would survive: configure storage.filesystem");

  private DistributionStorage() {}

  static void add(Translation old) {
    List<String> profiles = new ArrayList<>();
    String driver = driver(old);
    switch (driver) {
      case "filesystem" -> {
        old.copy("storage.filesystem.rootdirectory", "registry.storage.local.path");
        if (old.has("storage.filesystem")
            && old.text("storage.filesystem.rootdirectory").isEmpty()) {
          old.set("registry.storage.local.path", DEFAULT_ROOT, "storage.filesystem");
        }
        old.take("storage.filesystem.maxthreads");
      }
      case "s3", "s3aws" -> {
        profiles.add("s3");
        s3(old, "storage." + driver + ".");
      }
      case "gcs" -> {
        profiles.add("gcs");
        gcs(old);
      }
      case "" -> old.take("storage");
      default ->
          throw new ConfigurationException(
              "storage.%s: there is no such store here; %s"
                  .formatted(driver, MISSING.getOrDefault(driver, "use filesystem, s3 or gcs")));
    }
    redirect(old, driver);
    others(old, profiles);
    if (!profiles.isEmpty()) {
      old.set("spring.profiles.active", String.join(",", profiles), "storage." + driver);
    }
  }

  // A variable names the store, or a file has one key for it.
  private static String driver(Translation old) {
    Optional<String> named = old.text("storage").map(name -> name.toLowerCase(Locale.ROOT));
    return named.orElseGet(
        () ->
            old.keysBelow("storage").stream()
                .map(key -> StringUtils.delimitedListToStringArray(key, ".")[1])
                .filter(part -> STORES.contains(part) || MISSING.containsKey(part))
                .findFirst()
                .orElse(""));
  }

  private static void s3(Translation old, String driver) {
    old.copy(driver + "bucket", "registry.storage.s3.bucket");
    prefix(old, driver + "rootdirectory", "registry.storage.s3.prefix");
    old.copy(driver + "region", "registry.storage.s3.region");
    old.copy(driver + "accesskey", "registry.storage.s3.access-key");
    old.copy(driver + "secretkey", "registry.storage.s3.secret-key");
    old.copy(driver + "sessiontoken", "registry.storage.s3.session-token");
    old.copy(driver + "storageclass", "registry.storage.s3.storage-class");
    boolean secure = old.take(driver + "secure").map(OriginalValue::isTruthy).orElse(true);
    old.text(driver + "regionendpoint")
        .map(url -> url.contains("://") ? url : (secure ? "https://" : "http://") + url)
        .ifPresent(
            url -> {
              old.set("registry.storage.s3.endpoint", url, driver + "regionendpoint");
              old.set(
                  "registry.storage.s3.path-style",
                  old.take(driver + "forcepathstyle").map(OriginalValue::isTruthy).orElse(true),
                  driver + "regionendpoint");
            });
    old.take(driver + "forcepathstyle");
    boolean encrypts = old.take(driver + "encrypt").filter(OriginalValue::isTruthy).isPresent();
    Optional<String> key = old.text(driver + "keyid");
    if (encrypts) {
      old.set("registry.storage.s3.encryption", key.isPresent() ? "kms" : "s3", driver + "encrypt");
      key.ifPresent(id -> old.set("registry.storage.s3.kms-key", id, driver + "keyid"));
    }
    size(old, driver + "chunksize", "registry.storage.s3.part-size");
    old.remark(
        driver + "skipverify", "certificates are verified: add the authority to the JVM's trust");
    for (String tuning :
        List.of(
            "v4auth",
            "multipartcopychunksize",
            "multipartcopymaxconcurrency",
            "multipartcopythresholdsize",
            "useragent",
            "loglevel",
            "logs3apirequests",
            "logs3apiresponseheaders")) {
      old.take(driver + tuning);
    }
    for (String missing : List.of("objectacl", "usedualstack", "accelerate", "usefipsendpoint")) {
      old.remark(driver + missing, "not used: let the bucket's policy or the endpoint decide");
    }
    cloudFront(old);
  }

  private static void cloudFront(Translation old) {
    Object middlewares =
        old.take("middleware.storage").flatMap(OriginalValue::resolved).orElse(List.of());
    if (middlewares instanceof List<?> all) {
      for (Object each : all) {
        if (each instanceof Map<?, ?> one
            && "cloudfront".equals(one.get("name"))
            && one.get("options") instanceof Map<?, ?> options) {
          option(old, options, "baseurl", "base");
          option(old, options, "keypairid", "key-id");
          option(old, options, "privatekey", "private-key");
        } else {
          old.remark("middleware.storage", "only cloudfront is known here");
        }
      }
    }
  }

  private static void option(Translation old, Map<?, ?> options, String name, String property) {
    Optional.ofNullable(options.get(name))
        .ifPresent(
            value ->
                old.set(
                    "registry.storage.s3.cloudfront." + property,
                    String.valueOf(value),
                    "middleware.storage"));
  }

  private static void gcs(Translation old) {
    old.copy("storage.gcs.bucket", "registry.storage.gcs.bucket");
    prefix(old, "storage.gcs.rootdirectory", "registry.storage.gcs.prefix");
    old.copy("storage.gcs.keyfile", "registry.storage.gcs.credentials-file");
    old.remarkAll(
        "storage.gcs.credentials",
        "write the key to a file: see registry.storage.gcs.credentials-file");
    size(old, "storage.gcs.chunksize", "registry.storage.gcs.part-size");
    old.take("storage.gcs.maxconcurrency");
  }

  private static void prefix(Translation old, String key, String property) {
    old.text(key)
        .map(path -> path.replaceAll("^/+|/+$", ""))
        .filter(path -> !path.isEmpty())
        .ifPresent(path -> old.set(property, path, key));
  }

  private static void size(Translation old, String key, String property) {
    old.text(key)
        .filter(text -> text.matches("\\d+"))
        .ifPresent(n -> old.set(property, n + "B", key));
  }

  // Distribution sends clients to a bucket by default, and this registry does not.
  private static void redirect(Translation old, String driver) {
    boolean disabled =
        old.take("storage.redirect.disable").filter(OriginalValue::isTruthy).isPresent();
    if (!driver.isEmpty() && !driver.equals("filesystem")) {
      old.set("registry.storage.redirect", !disabled, "storage.redirect.disable");
    }
  }

  private static void others(Translation old, List<String> profiles) {
    old.take("storage.cache.blobdescriptorsize");
    String cache =
        old.text("storage.cache.blobdescriptor")
            .or(() -> old.text("storage.cache.layerinfo"))
            .orElse("");
    Optional<String> redis = old.text("redis.addr").or(() -> old.text("redis.addrs"));
    if (cache.equals("redis") && redis.isPresent()) {
      String first = redis.get().replaceAll("[\\[\\]\\s]|,.*", "");
      String[] address = StringUtils.delimitedListToStringArray(first, ":");
      profiles.add("redis");
      old.set("spring.data.redis.host", address[0], "redis.addr");
      old.set(
          "spring.data.redis.port",
          address.length > 1 ? Integer.valueOf(address[1]) : 6379,
          "redis.addr");
      old.copy("redis.username", "spring.data.redis.username");
      old.copy("redis.password", "spring.data.redis.password");
      old.copy("redis.db", "spring.data.redis.database");
      if (old.take("redis.tls.enabled").filter(OriginalValue::isTruthy).isPresent()) {
        old.set("spring.data.redis.ssl.enabled", true, "redis.tls.enabled");
      }
    }
    if (old.take("storage.maintenance.readonly.enabled")
        .filter(OriginalValue::isTruthy)
        .isPresent()) {
      old.set("registry.read-only", true, "storage.maintenance.readonly.enabled");
    }
    old.remarkAll(
        "storage.maintenance.uploadpurging",
        "unfinished uploads expire: see registry.uploads.expire-after and sweep-interval");
    if (old.take("storage.delete.enabled").filter(OriginalValue::isTruthy).isEmpty()
        && old.has("storage.delete")) {
      old.remark(
          "storage.delete.enabled",
          "removals cannot be switched off: accounts decide who may remove, see docs/access.md");
    }
    old.remarkAll("storage.tag", "tags are read with registry.storage.parallel-reads");
  }
}
