/** What can be wrong with a request, without saying it in HTTP. */
@NullMarked
package io.registry.problem;

import org.jspecify.annotations.NullMarked;
