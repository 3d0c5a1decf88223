package io.registry.upstream.v2;

import io.registry.content.manifest.Descriptor;
import io.registry.content.manifest.Digest;
import io.registry.content.manifest.ManifestParser;
import io.registry.content.manifest.Referrer;
import io.registry.platform.json.JsonCodec;
import io.registry.platform.problem.RegistryException;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/** Reads the images of another registry (OCI distribution-spec, pull). For many threads. */
public final class RemoteContent {
  private static final int PARTIAL = 206;
  private static final int MAX_REDIRECTS = 5;

  /** More names than a registry has that is copied. */
  private static final int MAX_NAMES = 1_000_000;

  /** How registries answer that do not list referrers. */
  private static final Set<Integer> UNKNOWN = Set.of(400, 404, 405, 501);

  private static final Pattern NEXT = Pattern.compile("<([^>]*)>\\s*;.*\\brel=\"?next\"?");

  private final RegistryClient client;
  private final JsonCodec codec;
  private final ManifestParser parser;

  /** Reads from a registry. */
  public RemoteContent(RegistryClient client, JsonCodec codec) {
    this.client = client;
    this.codec = codec;
    this.parser = new ManifestParser(codec);
  }

  /**
   * A manifest as the registry serves it.
   *
   * @param descriptor its digest is that of the bytes; of a signed manifest of schema 1 that of its
   *     payload
   * @param bytes the manifest
   */
  @SuppressWarnings("ArrayRecordComponent")
  public record Served(Descriptor descriptor, byte[] bytes) {}

  /**
   * Reads a manifest.
   *
   * @param reference a tag or a digest
   * @return empty when there is none
   * @throws RemoteException when the bytes are not those of the digest that the registry names
   */
  public Optional<Served> manifest(String repository, String reference) {
    return client.getManifest(repository, reference).map(answer -> served(reference, answer));
  }

  private Served served(String reference, HttpResponse<byte[]> answer) {
    byte[] bytes = answer.body();
    byte[] content = content(bytes);
    Optional<Digest> told =
        Digest.find(reference)
            .or(() -> answer.headers().firstValue("Docker-Content-Digest").flatMap(Digest::find));
    if (told.isPresent() && !told.get().isDigestOf(content)) {
      throw new RemoteException("The bytes of " + told.get() + " have another digest there");
    }
    String type =
        answer
            .headers()
            .firstValue("Content-Type")
            .map(text -> text.replaceFirst(";.*", "").strip())
            .orElse("");
    return new Served(
        new Descriptor(type, told.orElseGet(() -> Digest.of(content)), content.length), bytes);
  }

  private byte[] content(byte[] manifest) {
    try {
      return parser.content(manifest);
    } catch (RegistryException e) {
      throw new RemoteException(e.getMessage(), e);
    }
  }

  /** Whether a repository has a blob. */
  public boolean hasBlob(String repository, Digest digest) {
    return client.hasBlob(repository, digest);
  }

  /**
   * Opens a blob. What breaks off goes on over another connection.
   *
   * @return bytes, of which the caller compares the digest, and which it closes
   */
  public InputStream blob(String repository, Descriptor blob) {
    return new ReceivedStream(
        client.retries(), from -> open(repository, blob.digest(), from), blob.size());
  }

  private InputStream open(String repository, Digest digest, long from) throws IOException {
    URI uri = client.uri("/v2/" + repository + "/blobs/" + digest);
    Map<String, String> headers = from == 0 ? Map.of() : Map.of("Range", "bytes=" + from + "-");
    for (int redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
      HttpResponse<InputStream> answer =
          client.getStream(repository, uri, headers, Set.of(RegistryClient.OK, PARTIAL));
      InputStream body = answer.body();
      if (answer.statusCode() == PARTIAL && from > 0) {
        return body;
      }
      if (answer.statusCode() == RegistryClient.OK) {
        // The registry knows no ranges.
        body.skipNBytes(from);
        return body;
      }
      if (!RegistryClient.isRedirect(answer.statusCode())) {
        throw RegistryClient.refused(
            answer.statusCode(), body.readAllBytes(), "GET of the blob " + digest);
      }
      uri = client.location(uri, answer);
    }
    throw new RemoteException("The registry sends clients from one place to another");
  }

  /**
   * The names of all repositories.
   *
   * @throws RemoteException when the registry does not tell them
   */
  public List<String> repositories() {
    return names("", "/v2/_catalog?n=1000", "repositories")
        .orElseThrow(
            () -> new RemoteException("The registry lists no repositories: name the images"));
  }

  /** The tags of a repository; empty when there is none. */
  public Optional<List<String>> tags(String repository) {
    return names(repository, "/v2/" + repository + "/tags/list?n=1000", "tags");
  }

  private Optional<List<String>> names(String repository, String path, String field) {
    List<String> names = new ArrayList<>();
    boolean isThere =
        read(
            repository,
            path,
            Set.of(RegistryClient.NOT_FOUND),
            answer -> {
              json(answer).path(field).forEach(name -> names.add(name.asString("")));
              return names.size();
            });
    return Optional.of(names).filter(found -> isThere);
  }

  private JsonNode json(byte[] answer) {
    return codec
        .parseUntrusted(answer)
        .filter(JsonNode::isObject)
        .orElseThrow(() -> new RemoteException("The registry answers without JSON"));
  }

  /** Takes a page, and says how much there is by now. */
  private interface Page {
    int take(byte[] answer);
  }

  // Says whether there is such a list.
  private boolean read(String repository, String path, Set<Integer> absent, Page taker) {
    Set<URI> seen = new HashSet<>();
    Optional<URI> page = Optional.of(client.uri(path));
    while (page.isPresent()) {
      URI uri = page.get();
      Optional<HttpResponse<byte[]>> answer = client.get(repository, uri, "GET " + path, absent);
      if (answer.isEmpty()) {
        return false;
      }
      int count = taker.take(answer.get().body());
      page = next(uri, answer.get());
      if (count > MAX_NAMES || (page.isPresent() && !seen.add(page.get()))) {
        throw new RemoteException("GET " + path + " has no end");
      }
    }
    return true;
  }

  // Behind some proxies, registries link to a host that only they know.
  private static Optional<URI> next(URI of, HttpResponse<byte[]> answer) {
    for (String link : answer.headers().allValues("Link")) {
      Matcher next = NEXT.matcher(link);
      if (next.find()) {
        try {
          URI uri = of.resolve(next.group(1));
          return Optional.of(of.resolve(uri.getRawPath() + "?" + uri.getRawQuery()));
        } catch (IllegalArgumentException e) {
          throw new RemoteException("The registry links to no address", e);
        }
      }
    }
    return Optional.empty();
  }

  /**
   * The manifests that refer to a manifest. A registry that does not list them has them under a tag
   * (OCI distribution-spec, referrers tag schema).
   */
  public List<Descriptor> referrers(String repository, Digest subject) {
    ManifestParser parser = new ManifestParser(codec);
    List<Referrer> found = new ArrayList<>();
    boolean isThere =
        read(
            repository,
            "/v2/" + repository + "/referrers/" + subject,
            UNKNOWN,
            answer -> {
              found.addAll(parser.referrers(answer));
              return found.size();
            });
    if (!isThere) {
      client
          .getManifest(repository, subject.toString().replace(':', '-'))
          .ifPresent(answer -> found.addAll(parser.referrers(answer.body())));
    }
    return found.stream().map(Referrer::descriptor).toList();
  }
}
