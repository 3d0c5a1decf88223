package io.registry.access.index;

import java.time.Duration;
import java.util.Arrays;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Settings of an LDAP directory that checks the passwords, with {@code
 * registry.index.mode=embedded}.
 *
 * @param url URL with the base DN of all other settings here, for example
 *     ldaps://ldap.example.com/dc=example,dc=com; several, separated by spaces, are tried in turn.
 *     Empty means that the registry stores the passwords.
 * @param userDnPattern DN of a user, with {0} for the name; without it, a filter must be set
 * @param userSearchBase DN below which users are searched
 * @param userSearchFilter filter that finds a user, with {0} for the name, for example (uid={0})
 * @param managerDn DN that the registry binds with to search; when empty, the search is anonymous
 * @param managerPassword password of the manager
 * @param adminGroup DN of a group whose members are admins; when empty, the accounts in the
 *     registry say who is an admin
 * @param connectTimeout connect timeout
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
   * Validates the combination of settings.
   *
   * @throws IllegalArgumentException when it is not valid; the message names the property and what
   *     is allowed
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

  /** Omits the password. */
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
