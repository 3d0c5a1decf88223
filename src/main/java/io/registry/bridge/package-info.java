/**
 * Images for newer protocols: the image config and the manifest that correspond to a chain of V1
 * images, byte for byte as Docker writes them.
 */
@NullMarked
package io.registry.bridge;

import org.jspecify.annotations.NullMarked;
