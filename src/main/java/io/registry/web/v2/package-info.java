/** The Docker Registry V2 and OCI distribution protocol. */
@NullMarked
package io.registry.web.v2;

import org.jspecify.annotations.NullMarked;
