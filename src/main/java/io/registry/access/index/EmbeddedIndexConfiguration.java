package io.registry.access.index;

import io.registry.access.auth.AccessPolicy;
import io.registry.access.auth.AccessProperties;
import io.registry.access.auth.AccessRecorder;
import io.registry.access.auth.ConditionalOnIndexMode;
import io.registry.access.auth.IndexMode;
import io.registry.access.auth.SignIn;
import io.registry.content.image.ImageRemoval;
import io.registry.content.repository.Repositories;
import io.registry.content.repository.TaggedImages;
import io.registry.platform.database.Database;
import io.registry.platform.database.DatabaseConfiguration;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.core.env.Environment;
import org.springframework.security.authentication.AuthenticationProvider;
import org.springframework.security.crypto.factory.PasswordEncoderFactories;
import org.springframework.security.crypto.password.PasswordEncoder;
import org.springframework.util.StringUtils;

/** Configures the embedded index and its database. */
@Configuration(proxyBeanMethods = false)
@ConditionalOnIndexMode(IndexMode.EMBEDDED)
@Import(DatabaseConfiguration.class)
@EnableConfigurationProperties(EmbeddedIndexProperties.class)
class EmbeddedIndexConfiguration {
  /** How long a sign-in waits while other passwords are checked. */
  private static final Duration PASSWORD_PATIENCE = Duration.ofSeconds(3);

  @Bean
  PasswordHashes passwordHashes(
      EmbeddedIndexProperties settings, ObjectProvider<PasswordEncoder> encoder) {
    // The other half of the processors answers those who have signed in.
    int concurrent = Math.max(1, Runtime.getRuntime().availableProcessors() / 2);
    return new PasswordHashes(
        encoder.getIfAvailable(PasswordEncoderFactories::createDelegatingPasswordEncoder),
        concurrent,
        PASSWORD_PATIENCE,
        new PasswordRules(settings.shortestPassword()));
  }

  @Bean
  AccountRows accountRows(Database database) {
    return new AccountRows(database);
  }

  @Bean
  Accounts accounts(
      Database database,
      PasswordHashes passwords,
      ObjectProvider<AuthenticationProvider> elsewhere,
      Clock clock) {
    return new Accounts(database, passwords, clock, elsewhere.getIfAvailable() != null);
  }

  @Bean
  Robots robots(Database database, Clock clock) {
    return new Robots(database, clock);
  }

  @Bean
  Teams teams(Database database, Clock clock) {
    return new Teams(database, clock);
  }

  @Bean
  Namespaces namespaces(Database database) {
    return new Namespaces(database);
  }

  @Bean
  Permissions permissions(Database database, Clock clock) {
    return new Permissions(database, clock);
  }

  @Bean
  IndexedRepositories indexedRepositories(Database database) {
    return new IndexedRepositories(database);
  }

  @Bean
  ImageClaims imageClaims(Database database, Clock clock) {
    return new ImageClaims(database, clock);
  }

  @Bean
  SigningKeys signingKeys(Database database, EmbeddedIndexProperties settings, Clock clock) {
    return new SigningKeys(
        database, clock, settings.keyRotation(), new KeySeal(settings.keySecret()));
  }

  /** A wrong secret stops the start, and not the first client. */
  @Bean
  SmartInitializingSingleton sealedKeys(SigningKeys keys) {
    return keys::seal;
  }

  @Bean
  Tokens tokens(SigningKeys keys, EmbeddedIndexProperties settings, Clock clock) {
    return new Tokens(keys, clock, settings.tokenLifetime());
  }

  @Bean
  RepositoryVisibilities repositoryVisibilities(
      IndexedRepositories indexed,
      Repositories stored,
      EmbeddedIndexProperties settings,
      Environment environment,
      ApplicationEventPublisher events) {
    boolean mirrors = StringUtils.hasText(environment.getProperty("registry.mirror.source"));
    return new RepositoryVisibilities(
        indexed, stored, settings.defaultVisibility(), mirrors, events::publishEvent);
  }

  @Bean
  RepositoryRights repositoryRights(
      Accounts accounts,
      Permissions permissions,
      RepositoryVisibilities visibilities,
      AccessProperties settings,
      Optional<SharedAccess> shared) {
    return new RepositoryRights(accounts, permissions, visibilities, settings, shared);
  }

  @Bean
  OpenedRepositories openedRepositories(Database database, Clock clock, AccessProperties settings) {
    return new OpenedRepositories(database, clock, settings.openedFor());
  }

  @Bean
  AccessPolicy embeddedPolicy(
      RepositoryRights rights, ImageClaims claims, TaggedImages tagged, OpenedRepositories opened) {
    return new EmbeddedPolicy(rights, claims, tagged, opened);
  }

  @Bean
  AccessRecorder embeddedRecorder(
      RepositoryRights rights,
      RepositoryVisibilities visibilities,
      ImageClaims claims,
      TaggedImages tagged,
      OpenedRepositories opened) {
    return new EmbeddedRecorder(rights, visibilities, claims, tagged, opened);
  }

  @Bean
  IdRelease idRelease(
      ImageRemoval removal,
      Repositories repositories,
      TaggedImages tagged,
      ImageClaims claims,
      Permissions permissions) {
    return new IdRelease(removal, repositories, tagged, claims, permissions);
  }

  @Bean
  EmbeddedTokens embeddedTokens(Tokens tokens, Accounts accounts, AccessPolicy policy) {
    return new EmbeddedTokens(tokens, accounts, policy);
  }

  /**
   * An {@code AuthenticationProvider} bean, such as that of a directory, replaces the stored
   * passwords.
   */
  @Bean
  SignIn accountSignIn(
      AccountRows accounts,
      Robots robots,
      Permissions permissions,
      PasswordHashes hashes,
      ObjectProvider<AuthenticationProvider> elsewhere,
      Optional<HtpasswdFile> file,
      Clock clock) {
    PasswordCheck check =
        Optional.ofNullable(elsewhere.getIfAvailable())
            .<PasswordCheck>map(
                provider -> new ProvidedPasswords(provider, accounts, file.isPresent(), clock))
            .orElseGet(() -> new StoredPasswords(hashes));
    Supplier<String> version = () -> file.map(HtpasswdFile::currentVersion).orElse("");
    return new AccountSignIn(
        accounts, robots, permissions, new RememberedPasswords(check, version, clock));
  }

  @Bean
  FirstAdmin firstAdmin(
      AccountRows accounts,
      PasswordHashes passwords,
      EmbeddedIndexProperties settings,
      ObjectProvider<AuthenticationProvider> elsewhere,
      Clock clock) {
    boolean passwordsAreElsewhere = elsewhere.getIfAvailable() != null;
    return new FirstAdmin(
        accounts, passwords, settings.admin(), passwordsAreElsewhere, clock, System.out);
  }
}
