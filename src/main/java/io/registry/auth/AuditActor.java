package io.registry.auth;

/**
 * Who did something, as the audit tells it.
 *
 * @param who {@code user:}, {@code token:} or {@code key:} with a name, or {@code anonymous}
 * @param address the address that it was done from
 */
public record AuditActor(String who, String address) {

  /** Somebody who is known. */
  public static AuditActor of(Caller caller, String address) {
    return new AuditActor(who(caller), address);
  }

  /** Somebody who claims to have that name. */
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
