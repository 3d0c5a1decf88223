/** What an operator can tell a running registry: signals, the end, settings that are read anew. */
@NullMarked
package io.registry.control;

import org.jspecify.annotations.NullMarked;
