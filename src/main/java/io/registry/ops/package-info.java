/** Health, status, information and tracing of the running registry. */
@NullMarked
package io.registry.ops;

import org.jspecify.annotations.NullMarked;
