/** Writes text of clients into log lines so that it cannot look like another line. */
@NullMarked
package io.registry.platform.logs;

import org.jspecify.annotations.NullMarked;
