/**
 * The domain: what a store contains, in both protocols' terms, without a protocol.
 *
 * <p>{@code image} has V1 images, {@code manifest} content by digest, {@code repository} names and
 * tags; {@code files} reads layers, {@code archive} reads and writes images as files, {@code walk}
 * visits a whole store, {@code liveness} says what keeps content alive, {@code defect} names
 * damage, {@code distribution} reads the tree of another registry. It uses {@code storage} and
 * {@code platform} only. Begin with {@link io.registry.content.image.StoredImages}, {@link
 * io.registry.content.manifest.BlobStore} and {@link io.registry.content.repository.Tags}.
 */
@NullMarked
package io.registry.content;

import org.jspecify.annotations.NullMarked;
