package io.registry.features.events;

import io.registry.content.image.ImageId;
import io.registry.content.repository.ManifestRef;
import io.registry.content.repository.RepositoryName;
import io.registry.content.repository.TagName;
import io.registry.platform.json.JsonCodec;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * Formats events as notifications of CNCF Distribution, so that existing receivers understand them.
 * What is pushed over V2 is described as Distribution does; of a V1 image the id takes the place of
 * the digest of a manifest.
 */
final class Envelope {
  /** The media type of an envelope. */
  static final String MEDIA_TYPE = "application/vnd.docker.distribution.events.v1+json";

  /** The media type by which receivers recognize that an image was pushed, and not a layer. */
  private static final String MANIFEST = "application/vnd.docker.distribution.manifest.v1+json";

  private static final String IMAGE = "application/vnd.docker.container.image.v1+json";

  /**
   * Up to how many tag removals are sent for a removed repository; the removal of the repository
   * itself covers the others.
   */
  private static final int MAX_TAGS = 500;

  private static final int HEX_OF_SHA256 = 64;

  private final JsonCodec codec;
  private final String instance;

  /**
   * Creates the formatter.
   *
   * @param codec writes JSON
   * @param instance an id of the process
   */
  Envelope(JsonCodec codec, String instance) {
    this.codec = codec;
    this.instance = instance;
  }

  /** Formats an event as a JSON envelope. */
  String write(EventRecord event) {
    List<Map<String, Object>> events = new ArrayList<>();
    if (event.kind() == EventKind.REPOSITORY_REMOVED) {
      event.tags().stream()
          .limit(MAX_TAGS)
          .forEach(
              tag ->
                  events.add(
                      entry(event, UUID.randomUUID().toString(), target(event, Optional.of(tag)))));
      events.add(entry(event, event.id(), target(event, Optional.empty())));
    } else {
      events.add(entry(event, event.id(), target(event, event.tags().stream().findFirst())));
    }
    return new String(codec.render(Map.of("events", events)), StandardCharsets.US_ASCII);
  }

  private Map<String, Object> entry(EventRecord event, String id, Map<String, Object> target) {
    Map<String, Object> entry = new LinkedHashMap<>();
    entry.put("id", id);
    entry.put("timestamp", event.time().toString());
    entry.put("action", event.kind().action());
    entry.put("target", target);
    entry.put("request", event.origin().map(Envelope::request).orElseGet(Envelope::noRequest));
    entry.put(
        "actor",
        event
            .origin()
            .map(EventOrigin::actor)
            .filter(actor -> !actor.isEmpty())
            .<Map<String, Object>>map(actor -> Map.of("name", actor))
            .orElse(Map.of()));
    entry.put("source", source(event));
    return entry;
  }

  private static Map<String, Object> target(EventRecord event, Optional<TagName> tag) {
    Map<String, Object> target = new LinkedHashMap<>();
    event.repository().ifPresent(name -> target.put("repository", name.toString()));
    tag.ifPresent(name -> target.put("tag", name.value()));
    // A deleted tag has no digest: receivers would remove all tags of that image.
    if (event.kind() == EventKind.MANIFEST_REMOVED) {
      event.manifest().ifPresent(manifest -> target.put("digest", manifest.digest()));
    }
    if (event.kind().action().equals("push")) {
      event
          .manifest()
          .ifPresentOrElse(
              manifest -> describe(target, manifest),
              () -> event.image().ifPresent(image -> describe(target, event, image)));
      event.origin().flatMap(origin -> url(event, origin)).ifPresent(url -> target.put("url", url));
    }
    return target;
  }

  private static void describe(Map<String, Object> target, ManifestRef manifest) {
    target.put("mediaType", manifest.mediaType());
    target.put("digest", manifest.digest());
    target.put("size", manifest.size());
    target.put("length", manifest.size());
  }

  private static void describe(Map<String, Object> target, EventRecord event, ImageId image) {
    target.put("mediaType", event.kind() == EventKind.TAG_SET ? MANIFEST : IMAGE);
    if (image.value().length() == HEX_OF_SHA256) {
      target.put("digest", "sha256:" + image.value());
    }
  }

  private static Optional<String> url(EventRecord event, EventOrigin origin) {
    if (event.manifest().isPresent()) {
      return event
          .repository()
          .map(
              name ->
                  "%s/v2/%s/manifests/%s"
                      .formatted(origin.base(), name, event.manifest().get().digest()));
    }
    Optional<String> path =
        event.kind() == EventKind.IMAGE_PUSHED
            ? event.image().map(image -> "/v1/images/" + image.value() + "/json")
            : event.repository().map(name -> path(name, event.tags()));
    return path.map(found -> origin.base() + found);
  }

  private static String path(RepositoryName name, List<TagName> tags) {
    return "/v1/repositories/"
        + segment(name.namespace())
        + "/"
        + segment(name.name())
        + (tags.isEmpty() ? "/images" : "/tags/" + segment(tags.get(0).value()));
  }

  private static String segment(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }

  private static Map<String, Object> request(EventOrigin origin) {
    return Map.of(
        "id", origin.requestId(),
        "addr", origin.address(),
        "host", origin.host(),
        "method", origin.method(),
        "useragent", origin.userAgent());
  }

  private static Map<String, Object> noRequest() {
    return Map.of("id", "", "method", "", "useragent", "");
  }

  private Map<String, Object> source(EventRecord event) {
    Map<String, Object> source = new LinkedHashMap<>();
    event.origin().ifPresent(origin -> source.put("addr", origin.server()));
    source.put("instanceID", instance);
    return source;
  }
}
