package io.registry.upstream.mirror;

import io.registry.content.image.Checksum;
import io.registry.content.image.ImageId;
import io.registry.content.repository.RepositoryName;
import io.registry.content.repository.TagName;
import io.registry.platform.client.CallFailure;
import io.registry.platform.client.CallFailure.Kind;
import io.registry.platform.client.ServerGuard;
import io.registry.platform.concurrent.Deadline;
import io.registry.platform.json.JsonCodec;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/**
 * The registry that is mirrored, as a client of its V1 protocol. Every question is bounded. Status
 * 200 means yes, and any other 2xx or 4xx status means no; any other answer, or none, is a failure.
 */
public final class V1Source {
  /** The headers in which versions of the original send checksums (protocol 2.2). */
  private static final List<String> CHECKSUMS =
      List.of("X-Docker-Checksum-Payload", "X-Docker-Payload-Checksum", "X-Docker-Checksum");

  private static final Pattern CHECKSUM = Pattern.compile("(tarsum\\+)?sha256:[0-9a-f]{64}");

  private static final Set<Integer> NO_HEAD = Set.of(405, 501);

  private final V1SourceAccess access;
  private final ServerGuard guard;
  private final ServerGuard index;
  private final ServerGuard search;
  private final ProtocolDetection protocol;
  private final JsonCodec codec;
  private final long answerSize;

  V1Source(
      V1SourceAccess access,
      Guards guards,
      ProtocolDetection protocol,
      JsonCodec codec,
      long answerSize) {
    this.access = access;
    this.protocol = protocol;
    this.guard = guards.source();
    this.index = guards.index();
    this.search = guards.search();
    this.codec = codec;
    this.answerSize = answerSize;
  }

  /**
   * An image as the source describes it.
   *
   * @param json the JSON, byte for byte
   * @param facts the data in the headers
   */
  @SuppressWarnings("ArrayRecordComponent")
  record Described(byte[] json, SourceImage facts) {}

  /** The JSON of an image; empty when the source does not have it. */
  Optional<Described> describe(ImageId id) {
    return ask(
        "json",
        deadline -> access.image("GET", id, "json", deadline),
        (answer, deadline) -> {
          SourceImage facts = new SourceImage(answer.number("X-Docker-Size"), checksums(answer));
          return new Described(read(answer, deadline), facts);
        });
  }

  private static List<Checksum> checksums(SourceAnswer answer) {
    return CHECKSUMS.stream()
        .map(answer::headers)
        .flatMap(List::stream)
        .map(String::strip)
        .filter(sum -> CHECKSUM.matcher(sum).matches())
        .distinct()
        .map(Checksum::new)
        .toList();
  }

  /** The ancestry of an image; empty when the source does not have it. */
  Optional<List<ImageId>> ancestry(ImageId id) {
    Optional<List<ImageId>> found =
        ask(
            "ancestry",
            deadline -> access.image("GET", id, "ancestry", deadline),
            (answer, deadline) -> SourceJson.ids(json(answer, deadline)));
    found.ifPresent(ancestry -> access.noteAncestry(id, ancestry));
    return found;
  }

  /**
   * Starts the download of a layer; the caller closes the answer. Empty when the source does not
   * have it.
   */
  Optional<SourceAnswer> layer(ImageId id) {
    return overV1(
        guard,
        "layer",
        deadline -> {
          SourceAnswer answer = access.image("GET", id, "layer", deadline);
          boolean found = false;
          try {
            found = answer.isFound();
            return found ? Optional.of(answer) : Optional.empty();
          } finally {
            if (!found) {
              answer.close();
            }
          }
        });
  }

  /**
   * Looks up a layer without downloading it.
   *
   * @return its size, or {@link io.registry.storage.BlobInfo#UNKNOWN_SIZE}; empty when the source
   *     does not have it
   */
  Optional<Long> layerSize(ImageId id) {
    return overV1(
        guard,
        "head",
        deadline -> {
          try (SourceAnswer head = access.image("HEAD", id, "layer", deadline)) {
            if (!NO_HEAD.contains(head.status())) {
              return size(head);
            }
          }
          // Closed at once, so that the source stops sending.
          try (SourceAnswer answer = access.image("GET", id, "layer", deadline)) {
            return size(answer);
          }
        });
  }

  private static Optional<Long> size(SourceAnswer answer) {
    return answer.isFound() ? Optional.of(answer.length().orElse(-1)) : Optional.empty();
  }

  /** The tags of a repository; empty when the source has no such repository. */
  Optional<Map<String, ImageId>> tags(RepositoryName repository) {
    Optional<Map<String, ImageId>> found =
        ask(
            "tags",
            deadline -> access.tags(repository, "tags", deadline),
            (answer, deadline) -> SourceJson.tags(json(answer, deadline)));
    found.ifPresent(tags -> access.note(repository, tags.values()));
    return found;
  }

  /** The image that a tag names; empty when the source has no such tag. */
  Optional<ImageId> tag(RepositoryName repository, TagName tag) {
    Optional<ImageId> found =
        ask(
            "tag",
            deadline ->
                access.tags(repository, "tags/" + V1SourceAccess.segment(tag.value()), deadline),
            (answer, deadline) -> SourceJson.id(json(answer, deadline)));
    found.ifPresent(image -> access.note(repository, List.of(image)));
    return found;
  }

  /** The image list of a repository as the index sends it; empty when there is none. */
  Optional<byte[]> imageList(RepositoryName repository) {
    return ask(
        index,
        "images",
        deadline -> access.imageList(repository, deadline),
        (answer, deadline) -> {
          byte[] body = read(answer, deadline);
          if (codec.parseUntrusted(body).filter(JsonNode::isArray).isEmpty()) {
            throw new CallFailure(Kind.ANSWER, "it answers with what is no list");
          }
          return body;
        });
  }

  /**
   * Searches with the index of the source (protocol 2.4).
   *
   * @param query the search term
   * @param count up to how many results
   * @param page the number of the page, from 1
   * @return the answer unchanged, a JSON object; empty when there is none
   */
  public Optional<JsonNode> search(String query, int count, int page) {
    try {
      return ask(
          search,
          "search",
          deadline ->
              access.index(
                  "/v1/search?q=%s&n=%d&page=%d"
                      .formatted(URLEncoder.encode(query, StandardCharsets.UTF_8), count, page),
                  deadline),
          (answer, deadline) -> {
            JsonNode json = json(answer, deadline);
            if (!json.isObject()) {
              throw new CallFailure(Kind.ANSWER, "it answers with what is no object");
            }
            return json;
          });
    } catch (CallFailure e) {
      return Optional.empty();
    }
  }

  /** Whether the source answers at all, with any status. Sends one request. */
  public boolean isAnswering() {
    try {
      guard.ask(
          "ping",
          deadline -> {
            try (SourceAnswer answer = access.ping(deadline)) {
              return Optional.of(answer.isFound());
            }
          });
      return true;
    } catch (CallFailure e) {
      return false;
    }
  }

  /**
   * The guards for kinds of questions that fail independently of each other.
   *
   * @param source for images, layers and tags
   * @param index for image lists, which may be on another host
   * @param search for searches, which may take long
   */
  record Guards(ServerGuard source, ServerGuard index, ServerGuard search) {}

  /** Parses an answer. */
  private interface Reading<V> {
    V read(SourceAnswer answer, Deadline deadline);
  }

  private <V> Optional<V> ask(
      String question, Function<Deadline, SourceAnswer> asking, Reading<V> reading) {
    return ask(guard, question, asking, reading);
  }

  private <V> Optional<V> ask(
      ServerGuard guarding,
      String question,
      Function<Deadline, SourceAnswer> asking,
      Reading<V> reading) {
    return overV1(
        guarding,
        question,
        deadline -> {
          try (SourceAnswer answer = asking.apply(deadline)) {
            return answer.isFound() && !protocol.isForPeople(answer)
                ? Optional.of(reading.read(answer, deadline))
                : Optional.empty();
          }
        });
  }

  private <V> Optional<V> overV1(
      ServerGuard guarding, String question, Function<Deadline, Optional<V>> asking) {
    if (protocol.isKnownV2()) {
      return Optional.empty();
    }
    Optional<V> found = guarding.ask(question, asking);
    if (found.isPresent()) {
      protocol.noteV1();
    }
    return found;
  }

  private byte[] read(SourceAnswer answer, Deadline deadline) {
    if (answer.isEncoded()) {
      throw new CallFailure(Kind.ANSWER, "it answers in an encoding that was not asked for");
    }
    return answer.body().readAll(answerSize, deadline);
  }

  private JsonNode json(SourceAnswer answer, Deadline deadline) {
    return codec
        .parseUntrusted(read(answer, deadline))
        .orElseThrow(() -> new CallFailure(Kind.ANSWER, "it answers with what is not JSON"));
  }
}
