/** A client of registries that speak V2 (OCI distribution-spec). */
@NullMarked
package io.registry.remote;

import org.jspecify.annotations.NullMarked;
