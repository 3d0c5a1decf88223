/** Telling others what has happened, and asking them whether it may. */
@NullMarked
package io.registry.events;

import org.jspecify.annotations.NullMarked;
