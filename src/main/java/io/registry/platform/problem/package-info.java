/** The kinds of errors that a client or an operator can cause, independent of HTTP. */
@NullMarked
package io.registry.platform.problem;

import org.jspecify.annotations.NullMarked;
