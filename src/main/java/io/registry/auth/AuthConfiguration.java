package io.registry.auth;

import io.registry.repository.Repositories;
import io.registry.repository.TaggedImages;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Who decides, by the setting {@code registry.index.mode}. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties({IndexProperties.class, AccessProperties.class})
class AuthConfiguration {

  @Bean
  @ConditionalOnIndexMode(IndexMode.STANDALONE)
  AccessPolicy openPolicy() {
    return new OpenPolicy();
  }

  @Bean
  @ConditionalOnIndexMode(IndexMode.STANDALONE)
  TokenIssuer uncheckedTokens() {
    return new UncheckedTokens();
  }

  /** By the mark that the original made in the store. */
  @Bean
  @ConditionalOnIndexMode({IndexMode.STANDALONE, IndexMode.REMOTE})
  RepositoryVisibility markedVisibility(Repositories repositories) {
    return new MarkedVisibility(repositories);
  }

  @Bean
  @ConditionalOnIndexMode(IndexMode.REMOTE)
  AccessPolicy remotePolicy(
      TokenVerifier index,
      Repositories repositories,
      TaggedImages tagged,
      AccessProperties settings) {
    return settings.disableTokenAuth()
        ? new OpenPolicy()
        : new RemotePolicy(index, repositories, tagged, settings);
  }

  @Bean
  @ConditionalOnIndexMode(IndexMode.EMBEDDED)
  GuardedSignIn guardedSignIn(SignIn accounts, SignInLimits limits, Audit audit) {
    return new GuardedSignIn(accounts, limits, audit);
  }
}
