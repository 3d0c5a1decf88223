/**
 * Agreement between processes that share a store, by conditional writes only: which of them may do
 * something ({@link io.registry.content.lease.StoreLease}), and what all of them know ({@link
 * io.registry.content.lease.EpochLease}).
 */
@NullMarked
package io.registry.content.lease;

import org.jspecify.annotations.NullMarked;
