/**
 * What operators do with a store and with a running registry.
 *
 * <p>{@code command} is the frame of all commands; {@code check}, {@code backfill} and {@code
 * transfer} are commands that visit a whole store; {@code migration} reads the configuration of
 * other registries; {@code control} handles signals and shutdown, {@code health} says how the
 * registry is. They use the use cases of {@code service} and everything below it. Begin with the
 * class of a command, for example {@link io.registry.operations.check.StoreCheckCommand}.
 */
@NullMarked
package io.registry.operations;

import org.jspecify.annotations.NullMarked;
