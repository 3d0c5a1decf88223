/** The driver that keeps blobs in a bucket of S3, or of a store that speaks its protocol. */
@NullMarked
package io.registry.storage.s3;

import org.jspecify.annotations.NullMarked;
