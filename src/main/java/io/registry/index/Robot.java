package io.registry.index;

import java.time.Instant;

/**
 * An account for programs, which belongs to a namespace and has a role there only.
 *
 * @param namespace the namespace
 * @param name the name within the namespace
 * @param role what it may do
 * @param created when it was made
 */
public record Robot(String namespace, String name, Role role, Instant created) {

  /** The name that it signs in with, {@code namespace+name}. */
  public String login() {
    return new RobotName(namespace, name).login();
  }

  /** Whether a name to sign in with is that of a robot, and not of a user. */
  public static boolean isLogin(String name) {
    return RobotName.find(name).isPresent();
  }
}
