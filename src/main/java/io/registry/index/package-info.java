/** An index of our own: accounts, who may do what with which repository, tokens, in a database. */
@NullMarked
package io.registry.index;

import org.jspecify.annotations.NullMarked;
