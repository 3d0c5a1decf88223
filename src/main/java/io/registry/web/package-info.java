/** The HTTP server itself: what holds for every protocol that it speaks. */
@NullMarked
package io.registry.web;

import org.jspecify.annotations.NullMarked;
