package io.registry.access.index;

import java.time.Instant;

/**
 * An account for programs, which belongs to a namespace and has a role in that namespace only.
 *
 * @param namespace the namespace
 * @param name the name within the namespace
 * @param role its role
 * @param created when it was created
 */
public record Robot(String namespace, String name, Role role, Instant created) {

  /** The name that it signs in with, {@code namespace+name}. */
  public String login() {
    return new RobotName(namespace, name).login();
  }

  /** Whether a sign-in name is that of a robot, and not of a user. */
  public static boolean isLogin(String name) {
    return RobotName.find(name).isPresent();
  }
}
