package io.registry.access.index;

import java.util.Optional;

/**
 * The name of a robot, split in its two parts.
 *
 * @param namespace the namespace that it belongs to
 * @param name its name in the namespace, which contains no plus sign
 */
record RobotName(String namespace, String name) {
  private static final char SEPARATOR = '+';

  /** Parses a sign-in name; empty when it is not the name of a robot. */
  static Optional<RobotName> find(String login) {
    int at = login.lastIndexOf(SEPARATOR);
    return at < 0
        ? Optional.empty()
        : Optional.of(new RobotName(login.substring(0, at), login.substring(at + 1)));
  }

  /** Whether a robot may have this name. */
  boolean isValid() {
    return AccountNames.isNamespace(namespace) && AccountNames.isNarrow(name);
  }

  /** The name that the robot signs in with. */
  String login() {
    return namespace + SEPARATOR + name;
  }
}
