/** What is traced of a request, without knowing what traces it. */
@NullMarked
package io.registry.trace;

import org.jspecify.annotations.NullMarked;
