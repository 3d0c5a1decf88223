/** Who sends a request, and whether it may pass: the same for every protocol. */
@NullMarked
package io.registry.web.access;

import org.jspecify.annotations.NullMarked;
