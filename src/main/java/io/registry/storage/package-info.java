/**
 * The storage interface: bytes under keys. It knows nothing of images; each driver is a package
 * below.
 */
@NullMarked
package io.registry.storage;

import org.jspecify.annotations.NullMarked;
