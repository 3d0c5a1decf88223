package io.registry.index;

import io.registry.auth.Access;
import io.registry.auth.AccessPolicy;
import io.registry.auth.AccessToken;
import io.registry.auth.Action;
import io.registry.auth.Caller;
import io.registry.auth.Decision;
import io.registry.auth.Grant;
import io.registry.auth.TokenIssuer;
import io.registry.auth.TokenVerifier;
import io.registry.image.ImageId;
import io.registry.repository.RepositoryName;
import java.util.Optional;
import java.util.regex.Pattern;

/** Gives tokens to callers and takes them back, as an index does (protocol 4.1). */
final class EmbeddedTokens implements TokenIssuer, TokenVerifier {
  private static final Pattern SCHEMES =
      Pattern.compile("^(?:token\\s+)+", Pattern.CASE_INSENSITIVE);

  private final Tokens tokens;
  private final AccessPolicy policy;

  EmbeddedTokens(Tokens tokens, AccessPolicy policy) {
    this.tokens = tokens;
    this.policy = policy;
  }

  @Override
  public String issue(Caller caller, RepositoryName repository, Access access) {
    if (caller instanceof Caller.Bearer bearer) {
      // The same one: a token cannot be made to last by showing it again and again.
      return SCHEMES.matcher(bearer.token().header()).replaceFirst("");
    }
    String user = caller instanceof Caller.Account account ? account.name() : "";
    return tokens.issue(user, repository, access);
  }

  @Override
  public Optional<Grant> verify(AccessToken token) {
    return tokens.verify(token);
  }

  @Override
  public boolean mayAccess(AccessToken token, ImageId image) {
    return tokens
        .verify(token)
        .filter(
            grant ->
                policy.decide(new Caller.Bearer(token, grant), image, Action.READ)
                    == Decision.ALLOWED)
        .isPresent();
  }
}
