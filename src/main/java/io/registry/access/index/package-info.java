/** The embedded index: accounts, permissions and tokens, stored in a database. */
@NullMarked
package io.registry.access.index;

import org.jspecify.annotations.NullMarked;
