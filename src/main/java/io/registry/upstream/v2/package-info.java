/** A client of registries that speak V2 (OCI distribution-spec). */
@NullMarked
package io.registry.upstream.v2;

import org.jspecify.annotations.NullMarked;
