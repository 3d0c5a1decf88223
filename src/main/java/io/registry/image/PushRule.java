package io.registry.image;

import io.registry.problem.RegistryException;
import java.util.List;

/** May refuse to take an image in (the {@code before_put_image_json} of protocol 2.2). */
@FunctionalInterface
public interface PushRule {
  /** Refuses nothing. */
  PushRule NONE = (id, json, pusher) -> {};

  /**
   * One rule in place of several: what one of them refuses is refused.
   *
   * @param rules the rules, in the order in which they are asked
   */
  static PushRule all(List<PushRule> rules) {
    return rules.isEmpty()
        ? NONE
        : (id, json, pusher) -> rules.forEach(rule -> rule.check(id, json, pusher));
  }

  /**
   * Is asked before anything is written, about an image that is not complete yet.
   *
   * @param id the image
   * @param json its description, which describes that image
   * @param pusher who sends it
   * @throws RegistryException to refuse it, with the text that the pusher is told
   */
  void check(ImageId id, byte[] json, Pusher pusher);
}
