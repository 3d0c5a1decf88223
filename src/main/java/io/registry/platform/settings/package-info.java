/** Validation of the operator's settings at the start. */
@NullMarked
package io.registry.platform.settings;

import org.jspecify.annotations.NullMarked;
