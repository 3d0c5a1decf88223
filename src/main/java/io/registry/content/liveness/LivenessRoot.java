package io.registry.content.liveness;

/**
 * Keeps content alive besides the tags: a bean of any package above this one. Every collection asks
 * all of them, twice: before it condemns content, and again before it removes what it has
 * condemned.
 *
 * <p>What a root adds has to be in the store before the content loses what kept it alive until
 * then. For example, a trash notes a removed tag first and removes the tag afterwards.
 */
public interface LivenessRoot {
  /**
   * Tells a collection what to keep.
   *
   * @param live receives what to keep, one call each
   * @throws io.registry.storage.StorageException when something cannot be read; the collection then
   *     removes nothing. An implementation must never leave out what it could not read
   */
  void contribute(LiveContent live);
}
