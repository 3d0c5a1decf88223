/** The REST API that manages the accounts, repositories and services of the registry. */
@NullMarked
package io.registry.web.api;

import org.jspecify.annotations.NullMarked;
