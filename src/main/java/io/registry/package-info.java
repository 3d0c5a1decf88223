/** The entrance: the only place that sees every room and puts them together. */
@NullMarked
package io.registry;

import org.jspecify.annotations.NullMarked;
