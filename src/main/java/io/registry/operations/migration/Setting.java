package io.registry.operations.migration;

/**
 * A setting of this registry.
 *
 * @param value a text, boolean, number, or list of texts; it may contain placeholders when it is
 *     written to a file
 * @param origin where it comes from: a key of the original's configuration, or a variable
 */
record Setting(Object value, String origin) {}
