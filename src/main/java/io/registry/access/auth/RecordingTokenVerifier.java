package io.registry.access.auth;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.registry.content.image.ImageId;
import io.registry.content.repository.Repositories;
import io.registry.content.repository.RepositoryName;
import io.registry.storage.StorageException;
import java.util.Objects;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes the images that the index lists for a repository to the store, as the original did with
 * each request (protocol 4.1, step 4). This registry never reads them; they are there for an
 * operator that goes back to the original.
 */
public final class RecordingTokenVerifier implements TokenVerifier {
  private static final Logger log = LoggerFactory.getLogger(RecordingTokenVerifier.class);
  private static final int MAX_REPOSITORIES = 10_000;

  private final TokenVerifier index;
  private final Repositories repositories;
  private final Cache<RepositoryName, Integer> noted =
      Caffeine.newBuilder().maximumSize(MAX_REPOSITORIES).build();

  /**
   * Records the grants of another verifier.
   *
   * @param index the verifier to ask
   * @param repositories where the lists are written
   */
  public RecordingTokenVerifier(TokenVerifier index, Repositories repositories) {
    this.index = index;
    this.repositories = repositories;
  }

  @Override
  public Optional<Grant> verify(AccessToken token) {
    Optional<Grant> grant = index.verify(token);
    grant.ifPresent(this::note);
    return grant;
  }

  @Override
  public boolean mayAccess(AccessToken token, ImageId image) {
    return index.mayAccess(token, image);
  }

  // A pull must not fail because the store is read-only or broken.
  private void note(Grant grant) {
    boolean create = grant.access() == Access.WRITE;
    int hash = Objects.hash(grant.images(), create);
    Integer last = noted.getIfPresent(grant.repository());
    if (last != null && last == hash) {
      return;
    }
    try {
      repositories.noteAllowedImages(grant.repository(), grant.images(), create);
      noted.put(grant.repository(), hash);
    } catch (StorageException e) {
      log.warn("The image list of {} was not written: {}", grant.repository(), e.getMessage());
    }
  }
}
