/** The tracing interface, independent of the library that implements it. */
@NullMarked
package io.registry.platform.trace;

import org.jspecify.annotations.NullMarked;
