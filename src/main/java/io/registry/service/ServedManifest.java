package io.registry.service;

import io.registry.content.manifest.Digest;

/**
 * A manifest that is served.
 *
 * @param mediaType what it is
 * @param digest of its bytes; of a signed manifest of schema 1 that of its payload
 * @param bytes not to be changed
 * @param isStale whether the tag that led to it may have moved, because the store or the mirror's
 *     source does not answer
 */
@SuppressWarnings("ArrayRecordComponent")
public record ServedManifest(String mediaType, Digest digest, byte[] bytes, boolean isStale) {}
