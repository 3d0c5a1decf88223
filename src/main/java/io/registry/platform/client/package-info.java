/** The HTTP client for requests to other servers, and the protection from those that fail. */
@NullMarked
package io.registry.platform.client;

import org.jspecify.annotations.NullMarked;
