/** Bytes under keys. Knows nothing of images; each driver lives in a room of its own below. */
@NullMarked
package io.registry.storage;

import org.jspecify.annotations.NullMarked;
