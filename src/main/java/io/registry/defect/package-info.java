/** What can be wrong with a store, and how damaged files get out of the way without being lost. */
@NullMarked
package io.registry.defect;

import org.jspecify.annotations.NullMarked;
