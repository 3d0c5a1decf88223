/** Being an index oneself: accounts, teams, namespaces, and the tokens that they get. */
@NullMarked
package io.registry.index;

import org.jspecify.annotations.NullMarked;
