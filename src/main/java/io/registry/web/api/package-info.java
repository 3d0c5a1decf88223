/** The REST API by which the accounts of the embedded index are managed. */
@NullMarked
package io.registry.web.api;

import org.jspecify.annotations.NullMarked;
