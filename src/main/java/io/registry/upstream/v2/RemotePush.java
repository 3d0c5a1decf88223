package io.registry.upstream.v2;

import io.registry.content.manifest.Descriptor;
import io.registry.content.manifest.Digest;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.util.Map;
import java.util.Optional;

/** Pushes to another registry (OCI distribution-spec, push). For many threads. */
public final class RemotePush {
  private static final int CREATED = 201;
  private static final int ACCEPTED = 202;

  private final RegistryClient client;

  /** Pushes to a registry. */
  public RemotePush(RegistryClient client) {
    this.client = client;
  }

  /** Whether a repository has a blob. */
  public boolean hasBlob(String repository, Digest digest) {
    return client.hasBlob(repository, digest);
  }

  /**
   * Adds a blob to a repository, which another repository has.
   *
   * @return false when the registry wants the bytes
   */
  public boolean mount(String repository, Digest digest, String from) {
    URI uri =
        client.uri(
            "/v2/%s/blobs/uploads/?mount=%s&from=%s"
                .formatted(
                    repository,
                    RegistryClient.encode(digest.toString()),
                    RegistryClient.encode(from)));
    HttpResponse<byte[]> answer =
        client.send(repository, "POST", uri, Map.of(), Optional.of(BodyPublishers.noBody()));
    if (answer.statusCode() == ACCEPTED) {
      cancel(repository, client.location(uri, answer));
      return false;
    }
    return answer.statusCode() == CREATED;
  }

  // The registry forgets it in the end, too.
  private void cancel(String repository, URI session) {
    client.send(repository, "DELETE", session, Map.of(), Optional.empty());
  }

  /**
   * Sends a blob.
   *
   * @throws RemoteException when the registry does not take it
   * @throws IOException when the content cannot be read, or is not that of the descriptor
   */
  public void upload(String repository, Body body) throws IOException {
    for (int attempt = 1; ; attempt++) {
      Optional<String> failure = tryUpload(repository, body, attempt);
      if (failure.isEmpty()) {
        return;
      }
      if (attempt >= client.retries().attempts()) {
        throw new RemoteException(
            "The blob %s could not be sent: %s"
                .formatted(body.descriptor().digest(), failure.get()));
      }
      client.retries().pause(attempt, Optional.empty());
    }
  }

  // Returns why it may be tried again; a registry may have got the blob though its answer got lost.
  private Optional<String> tryUpload(String repository, Body body, int attempt) throws IOException {
    Descriptor blob = body.descriptor();
    if (attempt > 1 && client.hasBlob(repository, blob.digest())) {
      return Optional.empty();
    }
    URI begin = client.uri("/v2/" + repository + "/blobs/uploads/");
    HttpResponse<byte[]> session =
        client.send(repository, "POST", begin, Map.of(), Optional.of(BodyPublishers.noBody()));
    RegistryClient.require(session, "POST of an upload", ACCEPTED);
    URI put = withDigest(client.location(begin, session), blob.digest());
    try (InputStream in = body.open();
        SentStream sent = new SentStream(in, body)) {
      BodyPublisher content =
          blob.size() == 0
              ? BodyPublishers.noBody()
              : BodyPublishers.fromPublisher(BodyPublishers.ofInputStream(() -> sent), blob.size());
      try {
        HttpResponse<byte[]> answer = client.putOnce(repository, put, content, blob.size());
        if (answer.statusCode() == CREATED) {
          return Optional.empty();
        }
        if (Retries.isForNow(answer.statusCode())
            || answer.statusCode() == RegistryClient.UNAUTHORIZED) {
          // A token may have expired while the blob was sent.
          client.forgetAuthorization(repository);
          return Optional.of("status " + answer.statusCode());
        }
        throw RegistryClient.refused(answer, "PUT of the blob " + blob.digest());
      } catch (IOException e) {
        if (sent.failure().isPresent()) {
          Exception cause = sent.failure().get();
          if (cause instanceof RuntimeException runtime) {
            throw runtime;
          }
          throw (IOException) cause;
        }
        return Optional.of(String.valueOf(e.getMessage()));
      }
    }
  }

  private static URI withDigest(URI location, Digest digest) {
    String separator = location.getRawQuery() == null ? "?" : "&";
    return URI.create(location + separator + "digest=" + RegistryClient.encode(digest.toString()));
  }

  /**
   * The digest of a manifest there.
   *
   * @param reference a tag or a digest
   * @return empty when there is none
   */
  public Optional<Digest> manifest(String repository, String reference) {
    // Not the header: this is what others get.
    return client
        .getManifest(repository, reference)
        .map(
            answer ->
                Digest.find(reference)
                    .filter(digest -> digest.isDigestOf(answer.body()))
                    .orElseGet(() -> Digest.of(answer.body())));
  }

  /**
   * Sends a manifest.
   *
   * @param reference the tag that it gets, or its digest
   */
  public void putManifest(String repository, String reference, String mediaType, byte[] bytes) {
    HttpResponse<byte[]> answer =
        client.send(
            repository,
            "PUT",
            client.uri("/v2/" + repository + "/manifests/" + reference),
            Map.of("Content-Type", mediaType),
            Optional.of(BodyPublishers.ofByteArray(bytes)));
    RegistryClient.require(answer, "PUT of the manifest " + reference, CREATED);
  }
}
