/**
 * The garbage collection: finds content that nothing keeps alive, and removes it while clients
 * work.
 */
@NullMarked
package io.registry.operations.collect;

import org.jspecify.annotations.NullMarked;
