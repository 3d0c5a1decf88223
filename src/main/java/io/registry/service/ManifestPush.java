package io.registry.service;

import io.registry.access.auth.Caller;
import io.registry.bridge.BridgedManifest;
import io.registry.content.image.Pusher;
import io.registry.content.manifest.Descriptor;
import io.registry.content.manifest.Digest;
import io.registry.content.manifest.Manifest;
import io.registry.content.manifest.ManifestLink;
import io.registry.content.manifest.ManifestParser;
import io.registry.content.repository.ClientVersions;
import io.registry.content.repository.RepositoryEvent;
import io.registry.content.repository.RepositoryEvents;
import io.registry.content.repository.RepositoryName;
import io.registry.content.repository.TagName;
import io.registry.platform.problem.Problem;
import io.registry.platform.problem.RegistryException;
import io.registry.platform.problem.Subject;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Receives manifests (V2). The steps of a push: parse the manifest, require that the repository
 * contains what it lists, store it, make the image that V1 clients get instead, set the tags. A
 * caller may write the repository before a method is called.
 *
 * <p>The tags come last: when the server dies before, readers see the old ones, and the client
 * pushes again.
 */
public class ManifestPush {
  private static final Logger log = LoggerFactory.getLogger(ManifestPush.class);

  private final RepositoryService repositories;
  private final PushingClients pushers;
  private final ManifestParser parser;
  private final ManifestStore store;
  private final V1Counterparts counterparts;
  private final ManifestTags tags;
  private final TagConfirmation confirmation;
  private final RepositoryEvents events;

  ManifestPush(
      RepositoryService repositories,
      PushingClients pushers,
      ManifestParser parser,
      ManifestStore store,
      V1Counterparts counterparts,
      ManifestTags tags,
      TagConfirmation confirmation,
      RepositoryEvents events) {
    this.repositories = repositories;
    this.pushers = pushers;
    this.parser = parser;
    this.store = store;
    this.counterparts = counterparts;
    this.tags = tags;
    this.confirmation = confirmation;
    this.events = events;
  }

  /**
   * A push of a manifest.
   *
   * @param caller who pushes
   * @param address the address of the client
   * @param repository where the manifest goes
   * @param client what is known of the client
   */
  public record Push(
      Caller caller, String address, RepositoryName repository, ClientVersions client) {}

  /**
   * Stores a manifest.
   *
   * @param digest the digest that the client names it by; empty when it names it by tags only
   * @param named the tags that the manifest gets
   * @param contentType what the client says it is; empty when it says nothing
   * @param bytes the manifest
   * @throws RegistryException {@code INVALID} when it is no manifest, or lists something with a
   *     wrong size; {@code NOT_FOUND} with the subject {@code BLOB} when it lists what the
   *     repository does not contain; nothing is stored then. {@code CONFLICT} when a tag is
   *     immutable
   */
  public PushedManifest put(
      Push push, Optional<Digest> digest, List<TagName> named, String contentType, byte[] bytes) {
    if (digest.filter(told -> !told.isDigestOf(parser.content(bytes))).isPresent()) {
      throw new RegistryException(
          Problem.INVALID, Subject.BLOB, "The bytes of the manifest are not those of the digest");
    }
    named.forEach(TagName::requireAllowed);
    ManifestParser.Received received = parser.receive(contentType, bytes);
    Manifest manifest = received.manifest();
    long stamp = confirmation.stamp();
    for (BridgedManifest made : store.requireListed(push.repository(), manifest)) {
      put(push, Optional.of(made.digest()), List.of(), made.mediaType(), made.bytes());
    }
    repositories.create(push.caller(), push.repository());
    Pusher pusher = pushers.into(push.repository(), push.caller(), push.address());
    StoredManifest stored =
        new StoredManifest(
            push.repository(),
            manifest,
            digest.orElseGet(() -> Digest.of(received.content())),
            received.content().length);
    // Before the plan, which reads the images in a manifest of schema 1.
    store.write(stored, received);
    ManifestLink link = store.add(stored, received, counterparts.plan(stored));
    List<String> warnings = List.of();
    if (named.isEmpty()) {
      if (confirmation.mayHaveRemoved(stamp) && !store.isStillThere(stored, true)) {
        throw removed();
      }
      events.publish(new RepositoryEvent.ManifestPushed(push.repository(), stored.ref()));
    } else {
      warnings = tag(push, stored, link, named, pusher, stamp);
    }
    return new PushedManifest(
        stored.digest(), manifest.subject().map(Descriptor::digest), String.join("; ", warnings));
  }

  // Returns what the client should tell its user.
  private List<String> tag(
      Push push,
      StoredManifest stored,
      ManifestLink link,
      List<TagName> named,
      Pusher pusher,
      long stamp) {
    List<String> warnings = new ArrayList<>();
    V1Counterpart v1 = counterparts.make(stored, pusher);
    if (!v1.refusal().isEmpty()) {
      log.info("{} of {} has no V1 image: {}", stored.digest(), push.repository(), v1.refusal());
      store.refuse(stored, link, v1.refusal());
      warnings.add("V1 clients cannot pull this: " + v1.refusal());
    }
    named.forEach(tag -> tags.set(tag, stored, v1.image(), push.client()).ifPresent(warnings::add));
    // A removal of the manifest or of the repository that went on meanwhile may have missed the
    // tags, and a collection everything that was pushed while this server slept.
    if (!store.isStillThere(stored, confirmation.mayHaveRemoved(stamp))) {
      tags.remove(named, stored.repository(), v1.image());
      throw removed();
    }
    named.forEach(tag -> confirmation.confirm(push.repository(), tag, v1.image(), stamp));
    return warnings;
  }

  private static RegistryException removed() {
    return new RegistryException(
        Problem.UNAVAILABLE, "The manifest was removed meanwhile: push again");
  }
}
