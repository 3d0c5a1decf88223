package io.registry.access.auth;

import io.registry.content.repository.RepositoryName;
import io.registry.platform.problem.Problem;
import io.registry.platform.problem.RegistryException;
import java.util.Collection;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.springframework.security.authentication.AuthenticationProvider;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.AuthenticationException;
import org.springframework.security.oauth2.core.OAuth2Error;
import org.springframework.security.oauth2.jwt.Jwt;
import org.springframework.security.oauth2.jwt.JwtValidationException;
import org.springframework.security.oauth2.server.resource.InvalidBearerTokenException;
import org.springframework.security.oauth2.server.resource.authentication.BearerTokenAuthenticationToken;

/** Takes the tokens of a token service elsewhere (Distribution, token authentication). */
public final class ExternalTokens {
  private static final String EVERYTHING = "*";

  private final AuthenticationProvider tokens;
  private final Audit audit;

  ExternalTokens(AuthenticationProvider tokens, Audit audit) {
    this.tokens = tokens;
    this.audit = audit;
  }

  /**
   * Reads a token.
   *
   * @param token as the client shows it
   * @param address the address of the client
   * @return what it allows; nothing when it is not good, which the audit is told
   * @throws RegistryException {@code UNAVAILABLE} when the keys of the service are not known
   */
  public Optional<Caller.Scoped> read(String token, String address) {
    try {
      Authentication known = tokens.authenticate(new BearerTokenAuthenticationToken(token));
      return known != null && known.getPrincipal() instanceof Jwt jwt
          ? Optional.of(caller(jwt))
          : Optional.empty();
    } catch (InvalidBearerTokenException | IllegalArgumentException e) {
      audit.foreignTokenRefused(AuditActor.of(new Caller.Anonymous(), address), reason(e));
      return Optional.empty();
    } catch (AuthenticationException e) {
      throw new RegistryException(
          Problem.UNAVAILABLE, "The keys of the token service cannot be had", e);
    }
  }

  // What does not parse is not told: it may be a password.
  private static String reason(RuntimeException failure) {
    return failure.getCause() instanceof JwtValidationException invalid
        ? invalid.getErrors().stream()
            .map(OAuth2Error::getDescription)
            .collect(Collectors.joining("; "))
        : "malformed, or not signed by a key of the token service";
  }

  private static Caller.Scoped caller(Jwt jwt) {
    Map<RepositoryName, Set<Access>> rights = new HashMap<>();
    boolean catalog = false;
    if (jwt.getClaims().get("access") instanceof Collection<?> entries) {
      for (Object entry : entries) {
        if (entry instanceof Map<?, ?> right) {
          catalog |= isCatalog(right);
          add(rights, right);
        }
      }
    }
    String subject = jwt.getSubject();
    return new Caller.Scoped(subject == null ? "" : subject, rights, catalog);
  }

  private static boolean isCatalog(Map<?, ?> right) {
    return "registry".equals(right.get("type"))
        && "catalog".equals(right.get("name"))
        && actions(right).contains(EVERYTHING);
  }

  private static void add(Map<RepositoryName, Set<Access>> rights, Map<?, ?> right) {
    if (!"repository".equals(right.get("type")) || !(right.get("name") instanceof String name)) {
      return;
    }
    Set<Access> accesses = EnumSet.noneOf(Access.class);
    for (Object action : actions(right)) {
      accesses.addAll(Access.ofAction(String.valueOf(action)));
    }
    try {
      rights
          .computeIfAbsent(RepositoryName.parse(name), key -> EnumSet.noneOf(Access.class))
          .addAll(accesses);
    } catch (RegistryException e) {
      // Another registry of the service may have such names.
      return;
    }
  }

  private static Collection<?> actions(Map<?, ?> right) {
    return right.get("actions") instanceof Collection<?> actions ? actions : List.of();
  }
}
