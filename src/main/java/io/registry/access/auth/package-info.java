/** Access control: callers, actions and the policies that decide; independent of HTTP. */
@NullMarked
package io.registry.access.auth;

import org.jspecify.annotations.NullMarked;
