package io.registry.storage;

/**
 * What a store knows of a blob without opening it.
 *
 * @param size in bytes
 * @param version a text without quotes or blanks that changes whenever the bytes of the blob are
 *     replaced; the same as {@link Blob#version()}
 */
public record BlobInfo(long size, String version) {}
