/** The GCS driver, which stores blobs in a bucket of Google Cloud Storage. */
@NullMarked
package io.registry.storage.gcs;

import org.jspecify.annotations.NullMarked;
