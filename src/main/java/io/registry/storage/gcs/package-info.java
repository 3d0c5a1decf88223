/** The driver that keeps blobs in a bucket of Google Cloud Storage. */
@NullMarked
package io.registry.storage.gcs;

import org.jspecify.annotations.NullMarked;
