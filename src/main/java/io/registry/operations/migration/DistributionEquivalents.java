package io.registry.operations.migration;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Maps the settings of CNCF Distribution ({@code registry:2}, configuration version 0.1) to those
 * of this registry. What has no equivalent gets a remark with the reason.
 */
final class DistributionEquivalents {
  private static final Map<String, String> LEVELS =
      Map.of(
          "panic", "error", "fatal", "error", "error", "error", "warn", "warn", "warning", "warn",
          "info", "info", "debug", "debug", "trace", "trace");

  private static final Pattern PART = Pattern.compile("(\\d+(?:\\.\\d+)?)(h|ms|m|s|us|ns)");
  private static final Pattern ADDRESS = Pattern.compile("(.*):(\\d{1,5})");

  /** What webhooks get that had an endpoint: pushes and removals, each by tag and by digest. */
  private static final Map<String, List<String>> EVENTS =
      Map.of(
          "push", List.of("tag-set", "manifest-pushed"),
          "delete", List.of("tag-removed", "manifest-removed", "repository-removed"));

  private DistributionEquivalents() {}

  /**
   * Translates a configuration.
   *
   * @param original the configuration, with flat keys
   * @throws ConfigurationException when it needs something that this registry does not have
   */
  static Translation of(OriginalConfiguration original) {
    Translation translation = new Translation(original, false);
    translation.take("version");
    DistributionStorage.add(translation);
    log(translation);
    access(translation);
    http(translation);
    tls(translation);
    headers(translation);
    notifications(translation);
    proxy(translation);
    without(translation);
    return translation;
  }

  private static void log(Translation old) {
    for (String key : List.of("loglevel", "log.level")) {
      old.text(key)
          .ifPresent(
              level ->
                  Optional.ofNullable(LEVELS.get(level.toLowerCase(Locale.ROOT)))
                      .ifPresentOrElse(
                          known -> old.set("logging.level.io.registry", known, key),
                          () -> old.remark(key, "no level of Distribution: " + level)));
    }
    old.text("log.formatter")
        .filter(formatter -> !formatter.equals("text"))
        .ifPresent(
            formatter ->
                old.set(
                    "logging.structured.format.console",
                    formatter.equals("logstash") ? "logstash" : "ecs",
                    "log.formatter"));
    old.take("log.accesslog.disabled")
        .ifPresent(
            disabled ->
                old.set(
                    "registry.access-log.format",
                    disabled.isTrue() ? "none" : "combined",
                    "log.accesslog.disabled"));
    old.remarkAll(
        "log.fields", "lines have no fixed fields: let the collector of the logs add them");
    old.remarkAll("log.hooks", "no mail is sent: watch the log for lines with ERROR");
    old.remarkAll("log.reportcaller", "the logger of a line is its class");
  }

  private static void access(Translation old) {
    String chosen = old.text("auth").orElse("");
    if (chosen.equals("silly") || old.has("auth.silly")) {
      throw new ConfigurationException(
          "auth.silly lets every client in that sends any credentials: leave auth out for an open"
              + " registry, or use htpasswd");
    }
    if (chosen.equals("htpasswd") || old.has("auth.htpasswd")) {
      old.set("registry.index.mode", "embedded", "auth.htpasswd.path");
      old.copy("auth.htpasswd.path", "registry.access.htpasswd");
      old.take("auth.htpasswd.realm");
    } else if (chosen.equals("token") || old.has("auth.token")) {
      token(old);
    } else if (!chosen.isEmpty() && !chosen.equals("none")) {
      throw new ConfigurationException("There is no access control here that is called " + chosen);
    }
  }

  // Over V1 the tokens of the service do not count, so that accounts have to protect it.
  private static void token(Translation old) {
    old.set("registry.index.mode", "embedded", "auth.token.realm");
    old.copy("auth.token.realm", "registry.v2.token.realm");
    old.copy("auth.token.service", "registry.v2.token.service");
    old.copy("auth.token.issuer", "registry.v2.token.issuer");
    old.copy("auth.token.rootcertbundle", "registry.v2.token.jwks");
    old.copy("auth.token.jwks", "registry.v2.token.jwks");
    old.remark("auth.token.autoredirect", "the realm is told as it is set");
    old.remark("auth.token.autoredirectpath", "the realm is told as it is set");
    old.remark("auth.token.signingalgorithms", "ES256 and RS256 are accepted");
  }

  private static void http(Translation old) {
    listen(old, "http.addr", "server");
    old.text("http.net")
        .filter(net -> !net.equals("tcp"))
        .ifPresent(
            net ->
                old.remark("http.net", "there are no UNIX sockets: set server.address and port"));
    old.text("http.prefix")
        .filter(prefix -> !prefix.equals("/"))
        .ifPresent(
            prefix ->
                old.remark(
                    "http.prefix", "routes begin at /: let the proxy in front remove the prefix"));
    old.text("http.host")
        .map(host -> host.replaceFirst("^https?://", "").replaceFirst("/.*$", ""))
        .ifPresent(
            host -> {
              old.set("registry.endpoints", List.of(host), "http.host");
              old.set("registry.allowed-hosts", List.of(host), "http.host");
            });
    old.take("http.relativeurls");
    old.take("http.secret");
    duration(old, "http.draintimeout", "spring.lifecycle.timeout-per-shutdown-phase");
    listen(old, "http.debug.addr", "management.server");
    old.take("http.debug.prometheus.enabled");
    old.text("http.debug.prometheus.path")
        .filter(path -> !path.equals("/metrics"))
        .or(() -> old.text("http.debug.addr"))
        .ifPresent(
            path ->
                old.remark(
                    "http.debug.addr", "Prometheus reads /actuator/prometheus at this address"));
    old.take("http.http2.disabled");
    old.take("http.h2c.enabled");
  }

  private static void listen(Translation old, String key, String property) {
    old.text(key)
        .ifPresent(
            text -> {
              Matcher address = ADDRESS.matcher(text);
              if (!address.matches()) {
                old.remark(key, "is no address with a port");
                return;
              }
              String host = address.group(1).replaceAll("[\\[\\]]", "");
              if (!host.isEmpty()) {
                old.set(property + ".address", host, key);
              }
              old.set(property + ".port", Integer.valueOf(address.group(2)), key);
            });
  }

  private static void tls(Translation old) {
    old.copy("http.tls.certificate", "server.ssl.certificate");
    old.copy("http.tls.key", "server.ssl.certificate-private-key");
    List<String> authorities =
        old.take("http.tls.clientcas").map(OriginalValue::list).orElse(List.of());
    if (!authorities.isEmpty()) {
      old.set("server.ssl.trust-certificate", authorities.get(0), "http.tls.clientcas");
      old.set(
          "server.ssl.client-auth",
          old.text("http.tls.clientauth").orElse("").startsWith("request") ? "want" : "need",
          "http.tls.clientcas");
    }
    if (authorities.size() > 1) {
      old.remark(
          "http.tls.clientcas", "one file has all authorities: append the others to the first");
    }
    old.take("http.tls.clientauth");
    old.text("http.tls.minimumtls")
        .ifPresent(
            least ->
                old.set(
                    "server.ssl.enabled-protocols",
                    least.equals("tls1.3") ? List.of("TLSv1.3") : List.of("TLSv1.2", "TLSv1.3"),
                    "http.tls.minimumtls"));
    old.remark("http.tls.ciphersuites", "the JVM chooses: see server.ssl.ciphers for other names");
    old.remarkAll(
        "http.tls.letsencrypt",
        "certificates are not requested: let certbot write them, they are read again on HUP");
  }

  // The sample configuration of the official image has a header that forbids guessing of types.
  private static void headers(Translation old) {
    Map<String, String> cross =
        Map.of(
            "access-control-allow-origin", "registry.cors.origins",
            "access-control-allow-methods", "registry.cors.methods",
            "access-control-allow-headers", "registry.cors.headers",
            "access-control-expose-headers", "registry.cors.expose-headers");
    for (String key : old.keysBelow("http.headers")) {
      String name = key.substring("http.headers.".length()).toLowerCase(Locale.ROOT);
      if (cross.containsKey(name)) {
        old.copyList(key, cross.getOrDefault(name, ""));
      } else if (name.equals("access-control-allow-credentials")) {
        old.take(key)
            .ifPresent(
                value ->
                    old.set(
                        "registry.cors.supports-credentials", value.list().contains("true"), key));
      } else if (name.equals("access-control-max-age")) {
        old.take(key)
            .flatMap(value -> value.list().stream().findFirst())
            .ifPresent(seconds -> old.set("registry.cors.max-age", seconds + "s", key));
      } else {
        old.remark(key, "let the proxy in front add it");
      }
    }
  }

  private static void notifications(Translation old) {
    old.take("notifications.events.includereferences");
    Object endpoints =
        old.take("notifications.endpoints").flatMap(OriginalValue::resolved).orElse(List.of());
    if (!(endpoints instanceof Collection<?> all)) {
      old.remark("notifications.endpoints", "is no list");
      return;
    }
    List<String> other = new ArrayList<>();
    for (Object each : all) {
      if (each instanceof Map<?, ?> endpoint && !Boolean.TRUE.equals(endpoint.get("disabled"))) {
        webhook(old, endpoint, other);
      }
    }
    if (!all.isEmpty()) {
      other.add("pulls and mounts are not told");
      other.add(
          "receivers of Distribution 3 want headers.Content-Type:"
              + " application/vnd.docker.distribution.events.v2+json");
      old.remark("notifications.endpoints", String.join("; ", other));
    }
  }

  private static void webhook(Translation old, Map<?, ?> endpoint, List<String> other) {
    String key = "notifications.endpoints";
    String name =
        String.valueOf(endpoint.get("name")).toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9-]", "-");
    String webhook = "registry.events.webhooks." + name + ".";
    old.set(webhook + "url", String.valueOf(endpoint.get("url")), key);
    Collection<?> ignored =
        endpoint.get("ignore") instanceof Map<?, ?> ignore
                && ignore.get("actions") instanceof Collection<?> actions
            ? actions
            : List.of();
    List<String> events =
        Stream.of("push", "delete")
            .filter(action -> !ignored.contains(action))
            .flatMap(action -> EVENTS.getOrDefault(action, List.of()).stream())
            .toList();
    if (!events.isEmpty()) {
      old.set(webhook + "events", events, key);
    }
    if (endpoint.get("headers") instanceof Map<?, ?> headers) {
      headers.forEach(
          (header, values) ->
              old.set(
                  webhook + "headers.[" + header + "]",
                  values instanceof Collection<?> many
                      ? many.stream().map(String::valueOf).collect(Collectors.joining(","))
                      : String.valueOf(values),
                  key));
    }
    for (String time : List.of("timeout", "backoff")) {
      Optional.ofNullable(endpoint.get(time))
          .flatMap(text -> duration(String.valueOf(text)))
          .ifPresent(value -> old.set(webhook + time, value, key));
    }
    if (endpoint.get("threshold") != null) {
      other.add(name + ": the pause doubles with each failure, and threshold does not count");
    }
    if (endpoint.get("ignoredmediatypes") != null) {
      other.add(name + ": only manifests are told, so that ignoredmediatypes does not count");
    }
  }

  private static void proxy(Translation old) {
    if (old.text("proxy.remoteurl").isEmpty()) {
      old.ignoreAll("proxy");
      return;
    }
    old.copy("proxy.remoteurl", "registry.mirror.source");
    old.set("registry.mirror.protocol", "v2", "proxy.remoteurl");
    old.set("registry.mirror.pushes", "refuse", "proxy.remoteurl");
    old.copy("proxy.username", "registry.mirror.username");
    old.copy("proxy.password", "registry.mirror.password");
    old.remark("proxy.ttl", "what was fetched stays: see docs/mirror.md");
    old.remarkAll("proxy.exec", "credentials come from registry.mirror.username and password");
  }

  private static void without(Translation old) {
    old.remarkAll("health", "/actuator/health/readiness tells whether the store can be used");
    old.remarkAll("reporting", "nothing is reported there: watch the log for lines with ERROR");
    old.remarkAll("validation", "manifests are always validated: see docs/v2.md");
    old.take("compatibility.schema1.enabled");
    old.remark("compatibility.schema1.signingkeyfile", "the registry makes a key of its own");
    old.remarkAll("policy", "the classes of repositories are not checked");
    old.remarkAll("middleware.registry", "modules of Go cannot be used: see docs/events.md");
    old.remarkAll("middleware.repository", "modules of Go cannot be used: see docs/events.md");
    old.take("catalog.maxentries");
    old.ignoreAll("redis");
    old.ignoreAll("experimental");
  }

  static void duration(Translation old, String key, String property) {
    old.text(key)
        .ifPresent(
            text ->
                duration(text)
                    .ifPresentOrElse(
                        value -> old.set(property, value, key),
                        () -> old.remark(key, "is no duration: " + text)));
  }

  /** A duration of Go, such as {@code 1h30m}, as ISO 8601 has it. */
  private static Optional<String> duration(String text) {
    Matcher part = PART.matcher(text);
    Map<String, Double> units = new LinkedHashMap<>();
    int end = 0;
    while (part.find() && part.start() == end) {
      units.merge(part.group(2), Double.valueOf(part.group(1)), Double::sum);
      end = part.end();
    }
    if (end == 0 || end != text.length()) {
      return Optional.empty();
    }
    double millis = 0;
    for (Map.Entry<String, Double> unit : units.entrySet()) {
      millis += unit.getValue() * millis(unit.getKey());
    }
    return Optional.of(Duration.ofMillis(Math.round(millis)).toString());
  }

  private static double millis(String unit) {
    return switch (unit) {
      case "h" -> 3_600_000;
      case "m" -> 60_000;
      case "s" -> 1_000;
      case "ms" -> 1;
      case "us" -> 0.001;
      default -> 0.000_001;
    };
  }
}
