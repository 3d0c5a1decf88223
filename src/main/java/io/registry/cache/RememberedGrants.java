package io.registry.cache;

import io.registry.auth.AccessToken;
import io.registry.auth.Grant;
import io.registry.auth.TokenVerifier;
import io.registry.image.ImageId;
import java.util.Optional;
import java.util.Set;

/**
 * Asks the index once for what it allows, for a while. What it refuses is asked each time: the next
 * moment it may be allowed, for example because an image has been pushed since.
 */
public final class RememberedGrants implements TokenVerifier {
  private final TokenVerifier index;
  private final GrantCache cache;

  /**
   * A verifier that remembers.
   *
   * @param index asks the index
   * @param cache remembers
   */
  public RememberedGrants(TokenVerifier index, GrantCache cache) {
    this.index = index;
    this.cache = cache;
  }

  @Override
  public Optional<Grant> verify(AccessToken token) {
    return cache.get(token, "images", grant -> true, () -> index.verify(token));
  }

  // Remembered as the grant of that one image.
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
