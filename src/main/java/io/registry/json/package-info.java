/** JSON that is compatible with the original, and strict JSON for records. */
@NullMarked
package io.registry.json;

import org.jspecify.annotations.NullMarked;
