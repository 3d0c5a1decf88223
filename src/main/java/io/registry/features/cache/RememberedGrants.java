package io.registry.features.cache;

import io.registry.access.auth.AccessToken;
import io.registry.access.auth.Grant;
import io.registry.access.auth.TokenVerifier;
import io.registry.content.image.ImageId;
import java.util.Optional;
import java.util.Set;

/**
 * Caches what the index allows. A refusal is not cached, because the index may allow the same a
 * moment later, for example after an image was pushed.
 */
public final class RememberedGrants implements TokenVerifier {
  private final TokenVerifier index;
  private final GrantCache cache;

  /**
   * Creates a caching verifier.
   *
   * @param index asks the index
   * @param cache the cache
   */
  public RememberedGrants(TokenVerifier index, GrantCache cache) {
    this.index = index;
    this.cache = cache;
  }

  @Override
  public Optional<Grant> verify(AccessToken token) {
    return cache.get(token, "images", grant -> true, () -> index.verify(token));
  }

  // Cached as a grant with that one image.
  @Override
  public boolean mayAccess(AccessToken token, ImageId image) {
    return cache
        .get(
            token,
            "access " + image,
            grant -> grant.images().contains(image),
            () ->
                index.mayAccess(token, image)
                    ? Optional.of(new Grant("", token.repository(), token.access(), Set.of(image)))
                    : Optional.empty())
        .isPresent();
  }
}
