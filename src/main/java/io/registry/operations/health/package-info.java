/** Health, status, information and tracing of the running registry. */
@NullMarked
package io.registry.operations.health;

import org.jspecify.annotations.NullMarked;
