package io.registry.access.index;

import io.registry.access.auth.IndexMode;
import io.registry.access.auth.IndexProperties;
import io.registry.platform.problem.SetupException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Condition;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.context.annotation.Conditional;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.type.AnnotatedTypeMetadata;
import org.springframework.security.crypto.bcrypt.BCryptPasswordEncoder;
import org.springframework.util.StringUtils;

/** Configures users that are in a file, if the settings name one. */
@Configuration(proxyBeanMethods = false)
@Conditional(HtpasswdConfiguration.FileIsNamed.class)
@EnableConfigurationProperties(SharedAccessProperties.class)
class HtpasswdConfiguration {
  private static final Duration PATIENCE = Duration.ofSeconds(3);

  @Bean
  HtpasswdFile htpasswdFile(SharedAccessProperties settings, IndexProperties index) {
    if (index.mode() != IndexMode.EMBEDDED) {
      throw new SetupException(
          "registry.access.htpasswd has no effect with registry.index.mode="
              + index.mode().name().toLowerCase(Locale.ROOT),
          "Set registry.index.mode=embedded");
    }
    return new HtpasswdFile(Path.of(settings.htpasswd()));
  }

  @Bean
  HtpasswdPasswords htpasswdPasswords(HtpasswdFile users, EmbeddedIndexProperties settings) {
    int concurrent = Math.max(1, Runtime.getRuntime().availableProcessors() / 2);
    return new HtpasswdPasswords(
        users,
        new PasswordHashes(
            new BCryptPasswordEncoder(),
            concurrent,
            PATIENCE,
            new PasswordRules(settings.shortestPassword())));
  }

  @Bean
  SharedAccess sharedAccess(HtpasswdFile users, SharedAccessProperties settings) {
    return new SharedAccess(users, settings.rules());
  }

  /** Treats an empty value as absent, which Spring Boot's own conditions do not. */
  static final class FileIsNamed implements Condition {

    @Override
    public boolean matches(ConditionContext context, AnnotatedTypeMetadata metadata) {
      return StringUtils.hasText(context.getEnvironment().getProperty("registry.access.htpasswd"));
    }
  }
}
