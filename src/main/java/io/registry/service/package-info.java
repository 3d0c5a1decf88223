/** What clients can do with the registry, without HTTP: protocols translate to it. */
@NullMarked
package io.registry.service;

import org.jspecify.annotations.NullMarked;
