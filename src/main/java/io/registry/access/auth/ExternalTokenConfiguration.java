package io.registry.access.auth;

import com.nimbusds.jose.RemoteKeySourceException;
import io.registry.platform.client.BoundedBody;
import io.registry.platform.client.Connections;
import io.registry.platform.problem.SetupException;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Primary;
import org.springframework.security.oauth2.core.DelegatingOAuth2TokenValidator;
import org.springframework.security.oauth2.jose.jws.SignatureAlgorithm;
import org.springframework.security.oauth2.jwt.JwtClaimNames;
import org.springframework.security.oauth2.jwt.JwtClaimValidator;
import org.springframework.security.oauth2.jwt.JwtIssuerValidator;
import org.springframework.security.oauth2.jwt.JwtTimestampValidator;
import org.springframework.security.oauth2.jwt.NimbusJwtDecoder;
import org.springframework.security.oauth2.server.resource.authentication.JwtAuthenticationProvider;

/** Trusts a token service elsewhere, when one is set. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(ExternalTokenProperties.class)
class ExternalTokenConfiguration {
  private static final Logger log = LoggerFactory.getLogger(ExternalTokenConfiguration.class);
  private static final Duration CLOCK_SKEW = Duration.ofMinutes(1);
  private static final Duration TIMEOUT = Duration.ofSeconds(5);
  private static final int MAX_BYTES = 1024 * 1024;
  private static final int OK = 200;

  @Bean
  @ConditionalOnProperty(prefix = "registry.v2.token", name = "jwks")
  ExternalTokens externalTokens(
      ExternalTokenProperties settings,
      IndexProperties index,
      Connections connections,
      Audit audit,
      Clock clock) {
    KeySet keys = keys(settings, connections, clock);
    if (index.mode() == IndexMode.STANDALONE) {
      log.warn(
          "registry.v2.token.* protects /v2/ only: with registry.index.mode=standalone everybody"
              + " may do everything over /v1/");
    }
    NimbusJwtDecoder decoder =
        NimbusJwtDecoder.withJwkSource(keys)
            .jwsAlgorithms(
                algorithms ->
                    algorithms.addAll(Set.of(SignatureAlgorithm.ES256, SignatureAlgorithm.RS256)))
            .build();
    JwtTimestampValidator times = new JwtTimestampValidator(CLOCK_SKEW);
    times.setClock(clock);
    times.setAllowEmptyExpiryClaim(false);
    decoder.setJwtValidator(
        new DelegatingOAuth2TokenValidator<>(
            times,
            new JwtIssuerValidator(settings.issuer()),
            new JwtClaimValidator<Collection<String>>(
                JwtClaimNames.AUD,
                audience -> audience != null && audience.contains(settings.service()))));
    return new ExternalTokens(new JwtAuthenticationProvider(decoder), audit);
  }

  @Bean
  @Primary
  @ConditionalOnProperty(prefix = "registry.v2.token", name = "jwks")
  AccessPolicy scopedPolicy(List<AccessPolicy> others) {
    return new ScopedPolicy(others.get(0));
  }

  // A file that cannot be read will not be there later either; a service may start after this.
  private static KeySet keys(
      ExternalTokenProperties settings, Connections connections, Clock clock) {
    if (settings.keysAreRemote()) {
      Supplier<HttpClient> http = connections.open("", TIMEOUT);
      URI url = URI.create(settings.jwks());
      return new KeySet(() -> get(http.get(), url), clock);
    }
    KeySet keys = new KeySet(() -> Files.readString(Path.of(settings.jwks())), clock);
    try {
      keys.keys(Duration.ZERO);
      return keys;
    } catch (RemoteKeySourceException e) {
      throw new SetupException(
          "The file of registry.v2.token.jwks, %s, holds no public keys that can be read"
              .formatted(settings.jwks()),
          "Name a JSON Web Key Set with the public keys of the token service, or its URL",
          e);
    }
  }

  private static String get(HttpClient http, URI url) throws IOException {
    HttpRequest request = HttpRequest.newBuilder(url).timeout(TIMEOUT).build();
    try {
      HttpResponse<byte[]> answer =
          http.send(
              request,
              head ->
                  BoundedBody.whole(
                      MAX_BYTES, () -> new IllegalStateException("more than 1 MB of keys")));
      if (answer.statusCode() != OK) {
        throw new IOException(url.getHost() + " answers with " + answer.statusCode());
      }
      return new String(answer.body(), StandardCharsets.UTF_8);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("The question was given up", e);
    }
  }
}
