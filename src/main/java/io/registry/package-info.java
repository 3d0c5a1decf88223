/**
 * The entrance: starts the server or a command, and assembles what the floors below offer.
 *
 * <p>Each folder below this one is a floor. A floor may use itself and the floors after it in this
 * list, and none before it; the packages of one floor may use each other without cycles. {@code
 * ArchitectureTest} reads the list.
 *
 * <ol>
 *   <li>{@code web}
 *   <li>{@code operations}
 *   <li>{@code upstream}
 *   <li>{@code features}
 *   <li>{@code service}
 *   <li>{@code bridge}
 *   <li>{@code access}
 *   <li>{@code content}
 *   <li>{@code storage}
 *   <li>{@code platform}
 * </ol>
 *
 * <p>Begin with {@link io.registry.RegistryApplication}.
 */
@NullMarked
package io.registry;

import org.jspecify.annotations.NullMarked;
