/** JSON that is compatible with the original, and strict JSON for records. */
@NullMarked
package io.registry.platform.json;

import org.jspecify.annotations.NullMarked;
