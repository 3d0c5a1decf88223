/** The HTTP client for requests to other servers. */
@NullMarked
package io.registry.client;

import org.jspecify.annotations.NullMarked;
