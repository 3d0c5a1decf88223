package io.registry.features.events;

import io.registry.content.image.ImageId;
import io.registry.content.repository.RepositoryName;
import io.registry.content.repository.TagName;
import io.registry.platform.json.JsonCodec;
import java.nio.charset.StandardCharsets;
import java.util.StringJoiner;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes each event as one line to a logger of its own, in the format of the audit log. */
final class EventLog implements EventSink {
  /** The name of the logger. */
  static final String LOGGER = "registry.events";

  private static final Logger log = LoggerFactory.getLogger(LOGGER);
  private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9._:/@+-]+");
  private static final int MAX_LENGTH = 512;
  private static final int MAX_TAGS = 20;

  private final JsonCodec codec;

  EventLog(JsonCodec codec) {
    this.codec = codec;
  }

  @Override
  public void take(EventRecord event) {
    log.info("{}", line(event));
  }

  private String line(EventRecord event) {
    StringJoiner line = new StringJoiner(" ");
    line.add("event=" + event.kind().word());
    event
        .repository()
        .map(RepositoryName::toString)
        .ifPresent(name -> add(line, "repository", name));
    if (!event.tags().isEmpty()) {
      add(line, event.kind() == EventKind.REPOSITORY_REMOVED ? "tags" : "tag", tags(event));
    }
    event.image().map(ImageId::value).ifPresent(image -> add(line, "image", image));
    event.manifest().ifPresent(manifest -> add(line, "digest", manifest.digest()));
    event
        .origin()
        .ifPresent(
            origin -> {
              add(line, "who", origin.actor());
              add(line, "from", origin.address());
              add(line, "request", origin.requestId());
            });
    add(line, "id", event.id());
    return line.toString();
  }

  private static String tags(EventRecord event) {
    return event.tags().stream()
            .limit(MAX_TAGS)
            .map(TagName::value)
            .collect(Collectors.joining(","))
        + (event.tags().size() > MAX_TAGS ? ",..." : "");
  }

  private void add(StringJoiner line, String key, String value) {
    if (!value.isEmpty()) {
      line.add(key + "=" + value(value));
    }
  }

  // Names come from clients: a value must not look like another pair or line.
  private String value(String text) {
    if (text.length() <= MAX_LENGTH && PLAIN.matcher(text).matches()) {
      return text;
    }
    String cut = text.length() <= MAX_LENGTH ? text : text.substring(0, MAX_LENGTH) + "...";
    return new String(codec.render(cut), StandardCharsets.US_ASCII);
  }
}
