package io.registry.content.repository;

import io.registry.content.image.ImageId;
import io.registry.platform.problem.RegistryException;
import java.util.List;

/** A rule that may refuse to set or remove tags. */
public interface TagRule {
  /** The rule that refuses nothing. */
  TagRule NONE = new TagRule() {};

  /**
   * Combines rules: what one of them refuses is refused.
   *
   * @param rules the rules, in the order in which they are checked
   */
  static TagRule all(List<TagRule> rules) {
    return new TagRule() {
      @Override
      public void beforeSetting(RepositoryName repository, TagName tag, ImageId image) {
        rules.forEach(rule -> rule.beforeSetting(repository, tag, image));
      }

      @Override
      public boolean isImmutable(RepositoryName repository, TagName tag) {
        return rules.stream().anyMatch(rule -> rule.isImmutable(repository, tag));
      }
    };
  }

  /**
   * Called before a tag is set or moved; may block.
   *
   * @param repository the repository, which need not exist
   * @param tag the tag
   * @param image the image that it is to name, which is complete
   * @throws RegistryException to refuse it, with the text for the client
   */
  default void beforeSetting(RepositoryName repository, TagName tag, ImageId image) {}

  /**
   * Whether a tag, once it is set, may neither name another image nor be removed.
   *
   * @param repository the repository
   * @param tag the tag
   */
  default boolean isImmutable(RepositoryName repository, TagName tag) {
    return false;
  }
}
