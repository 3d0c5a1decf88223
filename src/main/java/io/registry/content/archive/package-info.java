/**
 * The forms in which images leave and enter a registry as files: OCI layouts, as folders and as tar
 * archives, and the archives of {@code docker save}.
 */
@NullMarked
package io.registry.content.archive;

import org.jspecify.annotations.NullMarked;
