package io.registry.contents;

/**
 * A file, folder or the like in a tar.
 *
 * @param name as the tar has it, folders without a slash at the end
 * @param type the letter by which lists name it (protocol 2.2)
 * @param size in bytes, of a sparse file with its holes
 * @param mtime seconds since 1970: a whole number, or one with a fraction when an extended header
 *     tells it
 * @param mode as in the header, perhaps with bits that tell the type
 * @param uid of the owner
 * @param gid of the group
 */
record TarEntry(String name, char type, long size, Number mtime, long mode, long uid, long gid) {}
