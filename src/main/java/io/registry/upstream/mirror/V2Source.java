package io.registry.upstream.mirror;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.registry.bridge.ServedNames;
import io.registry.content.manifest.Digest;
import io.registry.content.manifest.ManifestParser;
import io.registry.content.manifest.MediaTypes;
import io.registry.content.repository.RepositoryName;
import io.registry.platform.client.CallFailure;
import io.registry.platform.client.CallFailure.Kind;
import io.registry.platform.client.ServerGuard;
import io.registry.platform.concurrent.Deadline;
import io.registry.platform.json.JsonCodec;
import io.registry.platform.problem.RegistryException;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/**
 * The registry that is mirrored, as a client of its V2 protocol (OCI distribution-spec, pull). What
 * an answer means is as with {@link V1Source}.
 */
final class V2Source {
  private static final String MANIFESTS =
      String.join(
          ", ",
          MediaTypes.DOCKER_MANIFEST,
          MediaTypes.DOCKER_LIST,
          MediaTypes.OCI_MANIFEST,
          MediaTypes.OCI_INDEX,
          // Of two forms of an image, sources send the first of these that they have.
          MediaTypes.DOCKER_SCHEMA_1_SIGNED,
          "*/*");

  private static final String ANYTHING = "*/*";
  private static final String DIGEST = "Docker-Content-Digest";
  private static final Pattern NEXT = Pattern.compile("<([^>]*)>\\s*;\\s*rel=\"?next\"?");
  private static final int MAX_TAGS = 100_000;
  private static final int MAX_PAGES = 1_000;
  private static final int MAX_NAMES = 10_000;
  private static final Set<Integer> NO_HEAD = Set.of(405, 501);

  private final V2SourceAccess access;
  private final ServerGuard guard;
  private final JsonCodec codec;
  private final ManifestParser parser;
  private final long answerSize;

  /** Under which of its names the source knows a repository. */
  private final Cache<RepositoryName, String> names =
      Caffeine.newBuilder().maximumSize(MAX_NAMES).build();

  V2Source(V2SourceAccess access, ServerGuard guard, JsonCodec codec, long answerSize) {
    this.access = access;
    this.guard = guard;
    this.codec = codec;
    this.parser = new ManifestParser(codec);
    this.answerSize = answerSize;
  }

  /**
   * A manifest as the source sends it.
   *
   * @param mediaType what the source says it is; empty when it says nothing
   * @param digest of the bytes; of a signed manifest of schema 1 that of its payload
   * @param bytes not to be changed
   */
  @SuppressWarnings("ArrayRecordComponent")
  record Sent(String mediaType, Digest digest, byte[] bytes) {}

  /**
   * A tag that the source has.
   *
   * @param digest the manifest that it names; empty when the source does not tell
   */
  record Tagged(Optional<Digest> digest) {}

  /** Looks up a tag without downloading its manifest. */
  Optional<Tagged> tag(RepositoryName repository, String tag) {
    return ask(
        "tag",
        repository,
        (name, deadline) -> {
          try (SourceAnswer answer =
              access.ask("HEAD", name, "manifests/" + tag, MANIFESTS, deadline)) {
            if (NO_HEAD.contains(answer.status())) {
              return Optional.of(new Tagged(Optional.empty()));
            }
            return answer.isFound()
                ? Optional.of(new Tagged(answer.header(DIGEST).flatMap(Digest::find)))
                : Optional.empty();
          }
        });
  }

  /** A manifest by its digest. */
  Optional<Sent> manifest(RepositoryName repository, Digest digest) {
    return manifest(repository, digest.toString(), Optional.of(digest));
  }

  /** A manifest by a tag. */
  Optional<Sent> manifest(RepositoryName repository, String tag) {
    return manifest(repository, tag, Optional.empty());
  }

  private Optional<Sent> manifest(
      RepositoryName repository, String reference, Optional<Digest> expected) {
    return ask(
        "manifest",
        repository,
        (name, deadline) -> {
          try (SourceAnswer answer =
              access.ask("GET", name, "manifests/" + reference, MANIFESTS, deadline)) {
            return answer.isFound()
                ? Optional.of(sent(answer, expected, deadline))
                : Optional.empty();
          }
        });
  }

  private Sent sent(SourceAnswer answer, Optional<Digest> expected, Deadline deadline) {
    byte[] bytes = read(answer, deadline);
    byte[] content = content(bytes);
    Digest digest =
        expected
            .or(() -> answer.header(DIGEST).flatMap(Digest::find))
            .orElseGet(() -> Digest.of(content));
    if (!digest.isDigestOf(content)) {
      throw new CallFailure(Kind.ANSWER, "it sends other bytes than those of " + digest);
    }
    String type = answer.header("Content-Type").orElse("").replaceFirst(";.*", "").strip();
    return new Sent(type, digest, bytes);
  }

  private byte[] content(byte[] bytes) {
    try {
      return parser.content(bytes);
    } catch (RegistryException e) {
      throw new CallFailure(Kind.ANSWER, "it sends a manifest that it has not signed", e);
    }
  }

  private byte[] read(SourceAnswer answer, Deadline deadline) {
    if (answer.isEncoded()) {
      throw new CallFailure(Kind.ANSWER, "it answers in an encoding that was not asked for");
    }
    return answer.body().readAll(answerSize, deadline);
  }

  /** Looks up a blob without downloading it; the result is its size, if the source tells it. */
  Optional<OptionalLong> blob(RepositoryName repository, Digest digest) {
    return ask(
        "head",
        repository,
        (name, deadline) -> {
          try (SourceAnswer answer =
              access.ask("HEAD", name, "blobs/" + digest, ANYTHING, deadline)) {
            return answer.isFound() ? Optional.of(answer.length()) : Optional.empty();
          }
        });
  }

  /** Starts the download of a blob; the caller closes the answer. */
  Optional<SourceAnswer> download(RepositoryName repository, Digest digest) {
    return ask(
        "blob",
        repository,
        (name, deadline) -> {
          SourceAnswer answer = access.ask("GET", name, "blobs/" + digest, ANYTHING, deadline);
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

  /** The names of the tags of a repository, up to 100,000. */
  Optional<Set<String>> tags(RepositoryName repository) {
    return ask("tags", repository, this::tags);
  }

  private Optional<Set<String>> tags(String name, Deadline deadline) {
    Set<String> tags = new TreeSet<>();
    String path = "tags/list";
    for (int page = 0; page < MAX_PAGES; page++) {
      try (SourceAnswer answer = access.ask("GET", name, path, ANYTHING, deadline)) {
        if (!answer.isFound()) {
          return page == 0 ? Optional.empty() : Optional.of(tags);
        }
        JsonNode json =
            codec
                .parseUntrusted(read(answer, deadline))
                .filter(JsonNode::isObject)
                .orElseThrow(() -> new CallFailure(Kind.ANSWER, "it answers with what is no list"));
        for (JsonNode tag : json.path("tags")) {
          if (ServedNames.isTag(tag.asString(""))) {
            tags.add(tag.asString(""));
          }
        }
        Optional<String> next = next(answer);
        if (next.isEmpty() || tags.size() > MAX_TAGS) {
          return Optional.of(tags);
        }
        path = "tags/list?" + next.get();
      }
    }
    return Optional.of(tags);
  }

  // Only the query: a page of a list is nowhere else.
  private static Optional<String> next(SourceAnswer answer) {
    Matcher link = NEXT.matcher(answer.header("Link").orElse(""));
    if (!link.find()) {
      return Optional.empty();
    }
    try {
      return Optional.ofNullable(URI.create(link.group(1)).getRawQuery());
    } catch (IllegalArgumentException e) {
      throw new CallFailure(Kind.ANSWER, "it links to what is no page", e);
    }
  }

  // Docker Hub has official images in library, other registries have no namespace for a name
  // without one.
  private List<String> names(RepositoryName repository) {
    String known = names.getIfPresent(repository);
    if (known != null) {
      return List.of(known);
    }
    return ServedNames.name(repository)
        .map(
            name ->
                name.indexOf('/') < 0
                    ? List.of(name, RepositoryName.DEFAULT_NAMESPACE + "/" + name)
                    : List.of(name))
        .orElse(List.of());
  }

  private <V> Optional<V> ask(
      String question,
      RepositoryName repository,
      BiFunction<String, Deadline, Optional<V>> asking) {
    for (String name : names(repository)) {
      Optional<V> found = guard.ask(question, deadline -> asking.apply(name, deadline));
      if (found.isPresent()) {
        names.put(repository, name);
        return found;
      }
    }
    return Optional.empty();
  }
}
