/** The local driver, which stores blobs as files of a directory. */
@NullMarked
package io.registry.storage.local;

import org.jspecify.annotations.NullMarked;
