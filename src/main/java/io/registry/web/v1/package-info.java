/** The V1 wire: one controller per resource, its headers, its errors. */
@NullMarked
package io.registry.web.v1;

import org.jspecify.annotations.NullMarked;
