package io.registry.migration;

/**
 * A setting of this registry.
 *
 * @param value a text, boolean, number, or list of texts; for a file it may hold placeholders
 * @param origin what it comes from: a key of the original's configuration, or a variable
 */
record Setting(Object value, String origin) {}
