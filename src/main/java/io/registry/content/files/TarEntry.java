package io.registry.content.files;

/**
 * An entry of a tar: a file, folder or link.
 *
 * @param name as in the tar, folders without a trailing slash
 * @param type the letter for its type in listings (protocol 2.2)
 * @param size in bytes, of a sparse file including its holes
 * @param mtime seconds since 1970: a whole number, or with a fraction when an extended header has
 *     one
 * @param mode as in the header, possibly with bits for the type
 * @param uid the user id of the owner
 * @param gid the group id
 * @param link what a link points to, as in the tar; empty for other entries
 */
public record TarEntry(
    String name, char type, long size, Number mtime, long mode, long uid, long gid, String link) {}
