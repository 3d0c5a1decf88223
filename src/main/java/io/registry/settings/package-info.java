/** What the operator has set: refused at the start where it is unknown or makes no sense. */
@NullMarked
package io.registry.settings;

import org.jspecify.annotations.NullMarked;
