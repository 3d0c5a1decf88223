package io.registry.service;

import io.registry.content.manifest.Digest;
import java.util.Optional;

/**
 * A manifest that a client has pushed.
 *
 * @param digest of its bytes
 * @param subject the manifest that it refers to; empty for none
 * @param warning what the client should tell its user; empty for nothing
 */
public record PushedManifest(Digest digest, Optional<Digest> subject, String warning) {}
