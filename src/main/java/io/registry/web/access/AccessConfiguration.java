package io.registry.web.access;

import io.registry.access.auth.Audit;
import io.registry.access.auth.ConditionalOnIndexMode;
import io.registry.access.auth.IndexMode;
import io.registry.access.auth.IndexProperties;
import io.registry.access.auth.PrivilegedKeys;
import io.registry.access.auth.TokenVerifier;
import io.registry.web.http.Protocols;
import java.util.Optional;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.security.config.observation.SecurityObservationSettings;
import org.springframework.security.web.firewall.HttpFirewall;

/** Beans that the filters of every protocol use. */
@Configuration(proxyBeanMethods = false)
class AccessConfiguration {

  @Bean
  @ConditionalOnIndexMode({IndexMode.REMOTE, IndexMode.EMBEDDED})
  CallerResolver callerResolver(
      TokenVerifier tokens,
      ObjectProvider<BasicSignIn> accounts,
      PrivilegedKeys keys,
      IndexProperties index,
      Audit audit) {
    // Over V1, an index elsewhere is shown names and passwords by the clients themselves.
    Optional<BasicSignIn> passwords =
        accounts.stream().filter(any -> index.mode() == IndexMode.EMBEDDED).findFirst();
    return new SignedCallers(keys, audit, new CheckedCallers(tokens, passwords, audit));
  }

  /** To time each of Spring Security's filters takes as long as a small answer itself. */
  @Bean
  SecurityObservationSettings securityObservations() {
    return SecurityObservationSettings.noObservations();
  }

  @Bean
  HttpFirewall firewall(Protocols protocols) {
    return new PathFirewall(protocols);
  }
}
