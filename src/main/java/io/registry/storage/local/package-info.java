/** The driver that keeps blobs as files of a local directory. */
@NullMarked
package io.registry.storage.local;

import org.jspecify.annotations.NullMarked;
