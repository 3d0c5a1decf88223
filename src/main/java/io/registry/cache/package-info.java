/** What was read is remembered here, in the process and in Redis; everything that knows Redis. */
@NullMarked
package io.registry.cache;

import org.jspecify.annotations.NullMarked;
