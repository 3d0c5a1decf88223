package io.registry.features.events;

import io.registry.content.image.ImageId;
import io.registry.content.image.PushRule;
import io.registry.content.image.Pusher;
import io.registry.content.repository.NamePattern;
import io.registry.content.repository.RepositoryName;
import io.registry.content.repository.TagName;
import io.registry.content.repository.TagRule;
import io.registry.features.events.VetoProperties.Subject;
import io.registry.platform.json.JsonCodec;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Asks the veto hook before an image is pushed or a tag is set. */
final class VetoRules implements PushRule, TagRule {
  private static final String ACTION = "action";
  private static final String ID = "id";

  private final VetoHook hook;
  private final VetoProperties settings;
  private final List<NamePattern> repositories;
  private final EventOrigins origins;
  private final JsonCodec codec;

  VetoRules(VetoHook hook, VetoProperties settings, EventOrigins origins, JsonCodec codec) {
    this.hook = hook;
    this.settings = settings;
    this.repositories = settings.repositories().stream().map(NamePattern::new).toList();
    this.origins = origins;
    this.codec = codec;
  }

  @Override
  public void check(ImageId id, byte[] json, Pusher pusher) {
    if (settings.about().contains(Subject.IMAGES)) {
      Map<String, Object> image = new LinkedHashMap<>();
      image.put(ID, id.value());
      codec.parseUntrusted(json).ifPresent(parsed -> image.put("json", parsed));
      ask(Map.of(ACTION, "push", "image", image));
    }
  }

  @Override
  public void beforeSetting(RepositoryName repository, TagName tag, ImageId image) {
    if (settings.about().contains(Subject.TAGS) && isCovered(repository)) {
      ask(
          Map.of(
              ACTION,
              "tag",
              "repository",
              repository.toString(),
              "tag",
              tag.value(),
              "image",
              Map.of(ID, image.value())));
    }
  }

  private boolean isCovered(RepositoryName repository) {
    return repositories.isEmpty()
        || repositories.stream().anyMatch(pattern -> pattern.matches(repository.toString()));
  }

  private void ask(Map<String, Object> about) {
    Map<String, Object> question = new LinkedHashMap<>(about);
    origins
        .current()
        .ifPresent(
            origin -> {
              question.put(
                  "actor", origin.actor().isEmpty() ? Map.of() : Map.of("name", origin.actor()));
              question.put(
                  "request",
                  Map.of(
                      ID,
                      origin.requestId(),
                      "addr",
                      origin.address(),
                      "host",
                      origin.host(),
                      "method",
                      origin.method(),
                      "useragent",
                      origin.userAgent()));
            });
    hook.ask(codec.render(question));
  }
}
