/**
 * Agreement between processes that share a store, by conditional writes only: which of them may do
 * something ({@link io.registry.storage.lease.StoreLease}), and what all of them know ({@link
 * io.registry.storage.lease.EpochLease}).
 */
@NullMarked
package io.registry.storage.lease;

import org.jspecify.annotations.NullMarked;
