package io.registry.content.repository;

/**
 * A manifest that a client has pushed, for events.
 *
 * @param mediaType what it is
 * @param digest its digest, {@code ALGORITHM:HEX}
 * @param size in bytes
 */
public record ManifestRef(String mediaType, String digest, long size) {}
