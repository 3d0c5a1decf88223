/** The embedded index: accounts, permissions and tokens, stored in a database. */
@NullMarked
package io.registry.index;

import org.jspecify.annotations.NullMarked;
