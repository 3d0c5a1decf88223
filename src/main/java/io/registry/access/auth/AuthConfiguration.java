package io.registry.access.auth;

import io.registry.content.repository.TaggedImages;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Configures the access policy that the setting {@code registry.index.mode} selects. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties({IndexProperties.class, AccessProperties.class})
class AuthConfiguration {

  @Bean
  @ConditionalOnIndexMode(IndexMode.STANDALONE)
  AccessPolicy openPolicy() {
    return new OpenPolicy();
  }

  @Bean
  @ConditionalOnIndexMode({IndexMode.STANDALONE, IndexMode.REMOTE})
  AccessRecorder noRecorder() {
    return AccessRecorder.NONE;
  }

  @Bean
  @ConditionalOnIndexMode(IndexMode.STANDALONE)
  TokenIssuer uncheckedTokens() {
    return new UncheckedTokens();
  }

  @Bean
  @ConditionalOnIndexMode(IndexMode.REMOTE)
  AccessPolicy remotePolicy(
      TokenVerifier index,
      RepositoryVisibility visibility,
      TaggedImages tagged,
      AccessProperties settings) {
    return settings.disableTokenAuth()
        ? new OpenPolicy()
        : new RemotePolicy(index, visibility, tagged, settings);
  }

  @Bean
  @ConditionalOnIndexMode({IndexMode.EMBEDDED, IndexMode.REMOTE})
  LimitedSignIn guardedSignIn(SignIn accounts, SignInLimits limits, Audit audit) {
    return new LimitedSignIn(accounts, limits, audit);
  }
}
