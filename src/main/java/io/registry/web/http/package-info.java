/** The HTTP server: what applies to every protocol that it speaks. */
@NullMarked
package io.registry.web.http;

import org.jspecify.annotations.NullMarked;
