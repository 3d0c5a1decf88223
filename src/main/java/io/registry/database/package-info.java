/** The database, for rooms that have tables in it; there is none unless one of them is used. */
@NullMarked
package io.registry.database;

import org.jspecify.annotations.NullMarked;
