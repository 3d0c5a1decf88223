package io.registry.access.index;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DataAccessException;
import org.springframework.security.authentication.AuthenticationProvider;
import org.springframework.security.authentication.InternalAuthenticationServiceException;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.authority.SimpleGrantedAuthority;
import org.springframework.security.ldap.DefaultSpringSecurityContextSource;
import org.springframework.security.ldap.authentication.BindAuthenticator;
import org.springframework.security.ldap.authentication.LdapAuthenticationProvider;
import org.springframework.security.ldap.authentication.NullLdapAuthoritiesPopulator;
import org.springframework.security.ldap.search.FilterBasedLdapUserSearch;
import org.springframework.security.ldap.userdetails.DefaultLdapAuthoritiesPopulator;
import org.springframework.security.ldap.userdetails.LdapAuthoritiesPopulator;

/** Checks a name and a password by a bind to an LDAP directory. */
final class LdapPasswords implements AuthenticationProvider {
  // Finds the members in both common kinds of LDAP groups.
  private static final String MEMBERS = "(|(member={0})(uniqueMember={0}))";

  private final AuthenticationProvider directory;

  LdapPasswords(LdapProperties settings) {
    DefaultSpringSecurityContextSource source = source(settings);
    BindAuthenticator binding = new BindAuthenticator(source);
    if (settings.userDnPattern().isBlank()) {
      binding.setUserSearch(
          new FilterBasedLdapUserSearch(
              settings.userSearchBase(), settings.userSearchFilter(), source));
    } else {
      binding.setUserDnPatterns(new String[] {settings.userDnPattern()});
    }
    this.directory = new LdapAuthenticationProvider(binding, admins(settings, source));
  }

  @Override
  public @Nullable Authentication authenticate(Authentication claim) {
    try {
      return directory.authenticate(claim);
    } catch (DataAccessException e) {
      // The filter finds several entries: the settings are wrong, and not the password.
      throw new InternalAuthenticationServiceException(e.getMessage(), e);
    }
  }

  @Override
  public boolean supports(Class<?> authentication) {
    return directory.supports(authentication);
  }

  private static DefaultSpringSecurityContextSource source(LdapProperties settings) {
    DefaultSpringSecurityContextSource source =
        new DefaultSpringSecurityContextSource(settings.url().strip());
    if (settings.managerDn().isBlank()) {
      source.setAnonymousReadOnly(true);
    } else {
      source.setUserDn(settings.managerDn());
      source.setPassword(settings.managerPassword());
    }
    Map<String, Object> environment = new HashMap<>();
    environment.put(
        "com.sun.jndi.ldap.connect.timeout", String.valueOf(settings.connectTimeout().toMillis()));
    environment.put(
        "com.sun.jndi.ldap.read.timeout", String.valueOf(settings.readTimeout().toMillis()));
    source.setBaseEnvironmentProperties(environment);
    // A connection is bound to one user and must not be reused for another.
    source.setPooled(false);
    source.afterPropertiesSet();
    return source;
  }

  private static LdapAuthoritiesPopulator admins(
      LdapProperties settings, DefaultSpringSecurityContextSource source) {
    if (settings.adminGroup().isBlank()) {
      return new NullLdapAuthoritiesPopulator();
    }
    DefaultLdapAuthoritiesPopulator admins =
        new DefaultLdapAuthoritiesPopulator(source, settings.adminGroup());
    admins.setGroupSearchFilter(MEMBERS);
    // The group itself is the search base and must be included.
    admins.setSearchSubtree(true);
    admins.setAuthorityMapper(group -> new SimpleGrantedAuthority(ProvidedPasswords.ADMIN));
    return admins;
  }
}
