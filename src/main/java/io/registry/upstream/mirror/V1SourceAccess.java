package io.registry.upstream.mirror;

import io.registry.content.image.ImageId;
import io.registry.content.repository.RepositoryName;
import io.registry.platform.concurrent.Deadline;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Sends requests to the source with the credentials that it needs: those of the registry, and where
 * these do not suffice, the token or session that the source's index issues for a repository in
 * exchange for them (protocol 4.1).
 */
final class V1SourceAccess {
  /** Statuses after which a token or a session may help; Quay answers 400 without one. */
  private static final Set<Integer> REFUSALS = Set.of(400, 401, 403);

  private final SourceClient client;
  private final String source;
  private final String index;
  private final Credentials own;
  private final SourcePasses passes = new SourcePasses();

  V1SourceAccess(SourceClient client, MirrorProperties settings) {
    this.client = client;
    this.source = settings.source();
    this.index = settings.index();
    this.own = Credentials.of(settings);
  }

  /** Remembers through which repository images can be requested. */
  void note(RepositoryName repository, Collection<ImageId> images) {
    passes.note(repository, images);
  }

  /** Remembers that the ancestors of an image can be requested through the same repository. */
  void noteAncestry(ImageId image, Collection<ImageId> ancestry) {
    passes.repository(image).ifPresent(repository -> passes.note(repository, ancestry));
  }

  /** Requests a part of an image. */
  SourceAnswer image(String method, ImageId id, String part, Deadline deadline) {
    URI url = URI.create("%s/v1/images/%s/%s".formatted(source, id, part));
    return ask(method, url, passes.repository(id), deadline);
  }

  /** Requests the tags of a repository, or one of them. */
  SourceAnswer tags(RepositoryName repository, String path, Deadline deadline) {
    return ask("GET", url(source, repository, path), Optional.of(repository), deadline);
  }

  /**
   * Requests the images of a repository from the index, and keeps the token or session that it
   * issues.
   */
  SourceAnswer imageList(RepositoryName repository, Deadline deadline) {
    SourceAnswer answer =
        client.ask(
            "GET",
            url(index, repository, "images"),
            own,
            Map.of("X-Docker-Token", "true"),
            deadline);
    if (answer.status() == 200) {
      pass(answer).ifPresent(pass -> passes.note(repository, pass));
    }
    return answer;
  }

  /** Sends a ping. */
  SourceAnswer ping(Deadline deadline) {
    return client.ask("GET", URI.create(source + "/v1/_ping"), own, Map.of(), deadline);
  }

  /** Sends another request to the index. */
  SourceAnswer index(String path, Deadline deadline) {
    return client.ask("GET", URI.create(index + path), own, Map.of(), deadline);
  }

  private SourceAnswer ask(
      String method, URI url, Optional<RepositoryName> repository, Deadline deadline) {
    Optional<Credentials> pass = repository.flatMap(passes::find);
    SourceAnswer answer = client.ask(method, url, pass.orElse(own), Map.of(), deadline);
    if (!REFUSALS.contains(answer.status()) || repository.isEmpty()) {
      return answer;
    }
    passes.forget(repository.get());
    Optional<Credentials> renewed = renewed(repository.get(), deadline);
    if (renewed.isEmpty()) {
      return answer;
    }
    answer.close();
    return client.ask(method, url, renewed.get(), Map.of(), deadline);
  }

  private Optional<Credentials> renewed(RepositoryName repository, Deadline deadline) {
    try (SourceAnswer answer = imageList(repository, deadline)) {
      return answer.status() == 200 ? pass(answer) : Optional.empty();
    }
  }

  private static Optional<Credentials> pass(SourceAnswer answer) {
    String cookie =
        answer.headers("Set-Cookie").stream()
            .map(set -> set.split(";", 2)[0].strip())
            .collect(Collectors.joining("; "));
    String token = answer.header("X-Docker-Token").orElse("");
    if (token.isEmpty() && cookie.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        new Credentials(token.isEmpty() ? "" : Credentials.token(token).authorization(), cookie));
  }

  // Each part becomes exactly one segment of the path, whatever characters it contains.
  private static URI url(String base, RepositoryName repository, String path) {
    return URI.create(
        "%s/v1/repositories/%s/%s"
            .formatted(
                base, segment(repository.namespace()) + "/" + segment(repository.name()), path));
  }

  /** Percent-encodes one segment of a path. */
  static String segment(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20").replace("*", "%2A");
  }
}
