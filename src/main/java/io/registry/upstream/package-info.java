/**
 * Other registries: a client of their protocols, and the mirror that fetches what is missing here.
 *
 * <p>The mirror is where the use cases ask for content that the store does not have ({@link
 * io.registry.service.UpstreamContent}). Begin with {@link io.registry.upstream.mirror.Mirror}.
 */
@NullMarked
package io.registry.upstream;

import org.jspecify.annotations.NullMarked;
