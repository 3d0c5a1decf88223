package io.registry.access.auth;

/**
 * The actor of an audit event.
 *
 * @param who {@code user:}, {@code token:} or {@code key:} followed by a name, or {@code anonymous}
 * @param address the address of the client
 */
public record AuditActor(String who, String address) {

  /** The actor for an authenticated caller. */
  public static AuditActor of(Caller caller, String address) {
    return new AuditActor(who(caller), address);
  }

  /** The actor for a client that claims a name without proof. */
  public static AuditActor claiming(String name, String address) {
    return new AuditActor("user:" + name, address);
  }

  private static String who(Caller caller) {
    if (caller instanceof Caller.Privileged privileged) {
      return "key:" + privileged.key();
    }
    if (caller instanceof Caller.Account account) {
      return "user:" + account.name();
    }
    if (caller instanceof Caller.Bearer bearer) {
      return "token:" + bearer.grant().user();
    }
    if (caller instanceof Caller.Scoped scoped) {
      return "token:" + scoped.user();
    }
    return caller instanceof Caller.Anonymous ? "anonymous" : "unchecked";
  }
}
