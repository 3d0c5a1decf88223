package io.registry.access.index;

import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Condition;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.context.annotation.Conditional;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.type.AnnotatedTypeMetadata;
import org.springframework.util.StringUtils;

/** Configures password checks by a directory, if the settings name one. */
@Configuration(proxyBeanMethods = false)
@ConditionalOnProperty(prefix = "registry.index", name = "mode", havingValue = "embedded")
@Conditional(LdapConfiguration.DirectoryIsNamed.class)
@EnableConfigurationProperties(LdapProperties.class)
class LdapConfiguration {

  @Bean
  LdapPasswords ldapPasswords(LdapProperties settings) {
    return new LdapPasswords(settings);
  }

  /** Treats an empty value as absent, which Spring Boot's own conditions do not. */
  static final class DirectoryIsNamed implements Condition {

    @Override
    public boolean matches(ConditionContext context, AnnotatedTypeMetadata metadata) {
      return StringUtils.hasText(context.getEnvironment().getProperty("registry.index.ldap.url"));
    }
  }
}
