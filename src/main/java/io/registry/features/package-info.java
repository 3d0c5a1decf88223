/**
 * What follows or decorates the domain, and costs nothing when it is off.
 *
 * <p>{@code cache} answers before the store is read, {@code search} keeps an index of repositories,
 * {@code events} tells webhooks. The use cases do not know them. Begin with the configuration class
 * of a feature.
 */
@NullMarked
package io.registry.features;

import org.jspecify.annotations.NullMarked;
