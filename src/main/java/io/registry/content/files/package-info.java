/** The contents of layers: listings of their files, and comparisons with their ancestors. */
@NullMarked
package io.registry.content.files;

import org.jspecify.annotations.NullMarked;
