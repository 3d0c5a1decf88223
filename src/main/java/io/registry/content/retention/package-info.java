/** Rules for how long tags are kept, and what they go by. */
@NullMarked
package io.registry.content.retention;

import org.jspecify.annotations.NullMarked;
