/** Control of a running registry: signals, shutdown and the reload of settings. */
@NullMarked
package io.registry.operations.control;

import org.jspecify.annotations.NullMarked;
