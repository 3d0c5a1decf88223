/** The V1 protocol over HTTP: one controller per resource, its headers and its errors. */
@NullMarked
package io.registry.web.v1;

import org.jspecify.annotations.NullMarked;
