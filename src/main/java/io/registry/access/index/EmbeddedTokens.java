package io.registry.access.index;

import io.registry.access.auth.Access;
import io.registry.access.auth.AccessPolicy;
import io.registry.access.auth.AccessToken;
import io.registry.access.auth.Action;
import io.registry.access.auth.Caller;
import io.registry.access.auth.Decision;
import io.registry.access.auth.Grant;
import io.registry.access.auth.TokenIssuer;
import io.registry.access.auth.TokenVerifier;
import io.registry.content.image.ImageId;
import io.registry.content.repository.RepositoryName;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Issues and verifies tokens of this registry (protocol 4.1). A user's token is bound to the
 * version of the account: a change of the password invalidates it.
 */
final class EmbeddedTokens implements TokenIssuer, TokenVerifier {
  private static final Pattern SCHEMES =
      Pattern.compile("^(?:token\\s+)+", Pattern.CASE_INSENSITIVE);

  /** Between name and version: no name contains it. */
  private static final String SEPARATOR = ":";

  private final Tokens tokens;
  private final Accounts accounts;
  private final AccessPolicy policy;

  EmbeddedTokens(Tokens tokens, Accounts accounts, AccessPolicy policy) {
    this.tokens = tokens;
    this.accounts = accounts;
    this.policy = policy;
  }

  @Override
  public String issue(Caller caller, RepositoryName repository, Access access) {
    if (caller instanceof Caller.Bearer bearer) {
      // Returns the same token: presenting a token must not extend its life.
      return SCHEMES.matcher(bearer.token().header()).replaceFirst("");
    }
    String user = caller instanceof Caller.Account account ? versioned(account.name()) : "";
    return tokens.issue(user, repository, access);
  }

  @Override
  public Duration lifetime() {
    return tokens.lifetime();
  }

  private String versioned(String name) {
    return accounts.find(name).map(EmbeddedTokens::versioned).orElse(name);
  }

  private static String versioned(Account account) {
    return account.name() + SEPARATOR + account.version();
  }

  @Override
  public Optional<Grant> verify(AccessToken token) {
    return tokens.verify(token).flatMap(this::current);
  }

  private Optional<Grant> current(Grant grant) {
    int separator = grant.user().indexOf(SEPARATOR);
    if (separator < 0) {
      // A token of a robot or of an anonymous client has no version.
      return Optional.of(grant);
    }
    String name = grant.user().substring(0, separator);
    return accounts
        .find(name)
        .filter(account -> versioned(account).equals(grant.user()))
        .map(account -> new Grant(name, grant.repository(), grant.access(), grant.images()));
  }

  @Override
  public boolean mayAccess(AccessToken token, ImageId image) {
    return verify(token)
        .filter(
            grant ->
                policy.decide(new Caller.Bearer(token, grant), image, Action.READ)
                    == Decision.ALLOWED)
        .isPresent();
  }
}
