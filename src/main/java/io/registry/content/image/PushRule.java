package io.registry.content.image;

import io.registry.platform.problem.RegistryException;
import java.util.List;

/** A rule that may refuse images (the {@code before_put_image_json} of protocol 2.2). */
@FunctionalInterface
public interface PushRule {
  /** The rule that refuses nothing. */
  PushRule NONE = (id, json, pusher) -> {};

  /**
   * Combines rules: what one of them refuses is refused.
   *
   * @param rules the rules, in the order in which they are checked
   */
  static PushRule all(List<PushRule> rules) {
    return rules.isEmpty()
        ? NONE
        : (id, json, pusher) -> rules.forEach(rule -> rule.check(id, json, pusher));
  }

  /**
   * Called before anything is written, for an image that is not complete yet.
   *
   * @param id the image
   * @param json its JSON, which describes that image
   * @param pusher the client
   * @throws RegistryException to refuse it, with the text for the client
   */
  void check(ImageId id, byte[] json, Pusher pusher);
}
