/**
 * Who may do what.
 *
 * <p>{@code auth} has callers, actions, decisions and tokens; {@code index} has the accounts of the
 * embedded index. Both know names of repositories and ids of images, and nothing of HTTP. Begin
 * with {@link io.registry.access.auth.AccessPolicy}.
 */
@NullMarked
package io.registry.access;

import org.jspecify.annotations.NullMarked;
