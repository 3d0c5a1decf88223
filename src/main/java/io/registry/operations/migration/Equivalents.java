package io.registry.operations.migration;

import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Maps the settings of the original to those of this registry (protocol 8.2). */
final class Equivalents {
  private static final String DEAD_INDEX = "index.docker.io";

  private static final Map<String, String> LEVELS =
      Map.of(
          "debug",
          "debug",
          "info",
          "info",
          "warn",
          "warn",
          "warning",
          "warn",
          "error",
          "error",
          "critical",
          "error",
          "fatal",
          "error");

  private Equivalents() {}

  /**
   * Translates a configuration.
   *
   * @param original the configuration
   * @param placeholders as {@link Translation#Translation}
   */
  static Translation of(OriginalConfiguration original, boolean placeholders) {
    Translation translation = new Translation(original, placeholders);
    StorageEquivalents.add(translation);
    LauncherEquivalents.add(translation);
    index(translation);
    service(translation);
    search(translation);
    mirror(translation);
    crossOrigin(translation);
    without(translation);
    translation.remarkRest("not known: neither here nor to the original 0.9");
    return translation;
  }

  private static void index(Translation old) {
    boolean standalone = old.take("standalone").filter(OriginalValue::isTrue).isPresent();
    old.set("registry.index.mode", standalone ? "standalone" : "remote", "standalone");
    old.chosen("standalone", "access is decided by " + (standalone ? "no index" : "the index"));
    if (standalone) {
      old.take("index_endpoint");
      old.take("disable_token_auth");
    } else {
      old.copy("index_endpoint", "registry.index.remote.endpoint");
      old.text("index_endpoint")
          .filter(url -> url.contains(DEAD_INDEX))
          .ifPresent(
              url ->
                  old.remark(
                      "index_endpoint",
                      "the V1 index of Docker Hub is gone: name another index, or set"
                          + " registry.index.mode=standalone"));
      boolean unchecked = old.take("disable_token_auth").filter(OriginalValue::isTrue).isPresent();
      if (unchecked) {
        old.set("registry.auth.disable-token-auth", true, "disable_token_auth");
      }
      old.chosen("disable_token_auth", "tokens are " + (unchecked ? "not " : "") + "checked");
    }
    old.remark(
        "privileged_key",
        "clients that sign no date, as those of the original, need"
            + " registry.auth.require-signed-date=false");
    old.copyList("privileged_key", "registry.auth.privileged-keys");
    old.copyList("registry_endpoints", "registry.endpoints");
  }

  private static void service(Translation old) {
    old.copy("issue", "registry.issue");
    old.text("loglevel").ifPresent(level -> level(old, level));
    old.remark("debug", "the answer to _ping tells nothing more; see logging.level.io.registry");
  }

  // Some of Python's level names are also names of Spring, so that the variable may keep its value.
  private static void level(Translation old, String level) {
    Optional<String> known = Optional.ofNullable(LEVELS.get(level.toLowerCase(Locale.ROOT)));
    if (known.filter(level.toLowerCase(Locale.ROOT)::equals).isPresent()) {
      old.copy("loglevel", "logging.level.io.registry");
    } else if (known.isPresent()) {
      old.set("logging.level.io.registry", known.get(), "loglevel");
      old.chosen("loglevel", "what is logged is " + known.get());
    } else {
      old.remark("loglevel", "no level of Python: " + level);
    }
  }

  private static void search(Translation old) {
    old.text("search_backend")
        .ifPresent(
            backend -> {
              if (backend.equals("sqlalchemy")) {
                old.set("registry.search.enabled", true, "search_backend");
              } else {
                old.remark("search_backend", "modules of Python cannot be used");
              }
            });
    boolean searches = old.text("search_backend").filter("sqlalchemy"::equals).isPresent();
    old.chosen("search_backend", "search is " + (searches ? "on" : "off"));
    old.text("sqlalchemy_index_database").ifPresent(url -> database(old, url));
  }

  // The original's tables are not read: the index is filled from the store.
  private static void database(Translation old, String url) {
    String key = "sqlalchemy_index_database";
    if (!url.matches("postgres(ql)?(\\+\\w+)?://.*")) {
      old.remark(key, "not read: the index is filled from the store, see spring.datasource.url");
      return;
    }
    URI uri = URI.create(url.replaceFirst("^[^:]*:", "postgresql:"));
    String port = uri.getPort() < 0 ? "" : ":" + uri.getPort();
    old.set(
        "spring.datasource.url", "jdbc:postgresql://" + uri.getHost() + port + uri.getPath(), key);
    old.chosen(key, "the database is " + uri.getHost() + port + uri.getPath());
    Optional<String[]> user =
        Optional.ofNullable(uri.getUserInfo()).map(info -> info.split(":", 2));
    user.ifPresent(info -> old.set("spring.datasource.username", info[0], key));
    user.filter(info -> info.length > 1)
        .ifPresent(info -> old.set("spring.datasource.password", info[1], key));
  }

  private static void mirror(Translation old) {
    old.copy("mirroring.source", "registry.mirror.source");
    old.copy("mirroring.source_index", "registry.mirror.source-index");
    if (old.isSaid("mirroring.source")) {
      old.copySeconds("mirroring.tags_cache_ttl", "registry.mirror.tags-ttl");
    } else {
      old.take("mirroring.tags_cache_ttl");
    }
  }

  private static void without(Translation old) {
    String mail = "no mail is sent: watch the log for lines with ERROR";
    if (old.text("email_exceptions.smtp_host").isPresent()) {
      old.remarkAll("email_exceptions", mail);
    } else {
      old.ignoreAll("email_exceptions");
    }
    old.remark("bugsnag", "nothing is reported there: watch the log for lines with ERROR");
    old.remarkAll("extensions", "modules of Python cannot be used: see registry.events.webhooks");
    old.remark("secret_key", "not needed: there are no cookies to sign");
  }

  private static void crossOrigin(Translation old) {
    if (old.isSaid("cors.origins")) {
      old.copyList("cors.origins", "registry.cors.origins");
      old.copyList(
          "cors.methods", "registry.cors.methods", "GET,HEAD,POST,OPTIONS,PUT,PATCH,DELETE");
      old.copyList("cors.headers", "registry.cors.headers", "Content-Type");
      old.copyList("cors.resources", "registry.cors.resources", "/**");
      old.copyList("cors.expose_headers", "registry.cors.expose-headers");
      old.copyFlag("cors.supports_credentials", "registry.cors.supports-credentials");
      old.copySeconds("cors.max_age", "registry.cors.max-age");
      for (String other :
          List.of("send_wildcard", "always_send", "automatic_options", "vary_header")) {
        old.remark("cors." + other, "an origin is answered with itself, when there is one");
      }
    } else {
      old.ignoreAll("cors");
    }
  }
}
