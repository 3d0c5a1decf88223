package io.registry.index;

import java.time.Duration;
import java.util.Arrays;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * A directory that knows the passwords, with {@code registry.index.mode=embedded}.
 *
 * @param url where it is, with the DN that all others here are below, for example
 *     ldaps://ldap.example.com/dc=example,dc=com; several, separated by spaces, are asked in turn.
 *     Empty means that passwords are kept here.
 * @param userDnPattern DN of a user, with {0} for the name; or else a filter has to be set
 * @param userSearchBase DN below which users are looked for
 * @param userSearchFilter filter that finds a user, with {0} for the name, for example (uid={0})
 * @param managerDn DN by which the directory is searched; when empty, it is searched by nobody
 * @param managerPassword password of the manager
 * @param adminGroup DN of a group whose members are admins; when empty, the accounts here tell who
 *     is one
 * @param connectTimeout how long it may take to reach the directory
 * @param readTimeout how long the directory may take to answer
 */
@ConfigurationProperties("registry.index.ldap")
public record LdapProperties(
    @DefaultValue("") String url,
    @DefaultValue("") String userDnPattern,
    @DefaultValue("") String userSearchBase,
    @DefaultValue("") String userSearchFilter,
    @DefaultValue("") String managerDn,
    @DefaultValue("") String managerPassword,
    @DefaultValue("") String adminGroup,
    @DefaultValue("2s") Duration connectTimeout,
    @DefaultValue("5s") Duration readTimeout) {
  private static final String NAME = "{0}";

  /**
   * Checks what belongs together.
   *
   * @throws IllegalArgumentException when it makes no sense; says which property and what it may be
   */
  public LdapProperties {
    if (!url.isBlank()) {
      require(
          Arrays.stream(url.strip().split("\\s+"))
              .allMatch(each -> each.startsWith("ldap://") || each.startsWith("ldaps://")),
          "url must begin with ldap:// or ldaps://");
      require(
          userDnPattern.isBlank() != userSearchFilter.isBlank(),
          "user-dn-pattern or user-search-filter must be set, and not both");
      require(
          (userDnPattern + userSearchFilter).contains(NAME),
          "user-dn-pattern or user-search-filter must contain {0} for the name");
      require(
          managerDn.isBlank() == managerPassword.isBlank(),
          "manager-dn and manager-password must be given together");
      requirePositive(connectTimeout, "connect-timeout");
      requirePositive(readTimeout, "read-timeout");
    }
  }

  /** Without the password. */
  @Override
  public String toString() {
    return "LdapProperties[url=" + url + ", managerDn=" + managerDn + "]";
  }

  private static void requirePositive(Duration time, String name) {
    require(
        time.toMillis() > 0 && time.compareTo(Duration.ofDays(1)) < 0, name + " must be positive");
  }

  private static void require(boolean condition, String message) {
    if (!condition) {
      throw new IllegalArgumentException("registry.index.ldap." + message);
    }
  }
}
