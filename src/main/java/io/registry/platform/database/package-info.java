/**
 * Access to the database for packages with tables in it; it is opened only if one of them is in
 * use.
 */
@NullMarked
package io.registry.platform.database;

import org.jspecify.annotations.NullMarked;
