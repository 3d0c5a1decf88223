/** Asking others over HTTP: how connections to them are opened. */
@NullMarked
package io.registry.client;

import org.jspecify.annotations.NullMarked;
