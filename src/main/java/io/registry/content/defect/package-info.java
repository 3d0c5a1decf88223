/** Defects of a store, and moving damaged files out of the way without losing them. */
@NullMarked
package io.registry.content.defect;

import org.jspecify.annotations.NullMarked;
