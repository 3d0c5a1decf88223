/** The S3 driver, which stores blobs in a bucket of S3 or a compatible store. */
@NullMarked
package io.registry.storage.s3;

import org.jspecify.annotations.NullMarked;
