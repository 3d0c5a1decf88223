/** Who may: callers, what they want, and who decides; without the wire. */
@NullMarked
package io.registry.auth;

import org.jspecify.annotations.NullMarked;
