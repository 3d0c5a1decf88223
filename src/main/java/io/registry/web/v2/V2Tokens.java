package io.registry.web.v2;

import io.registry.auth.Access;
import io.registry.auth.Caller;
import io.registry.auth.TokenHeader;
import io.registry.auth.TokenIssuer;
import io.registry.repository.RepositoryName;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.springframework.stereotype.Component;

/**
 * Bearer tokens of V2: what V1 gives for each repository, one after the other, in a form that goes
 * into a header. Whoever checks a part of one checks a token of V1.
 */
@Component
@ConditionalOnV2
final class V2Tokens {
  /** What is signed for a client that asks for no repository: that it has signed in. */
  private static final RepositoryName SIGN_IN = new RepositoryName("library", "_sign-in");

  /** A client asks for one repository, and for more only to mount blobs. */
  static final int MAX_REPOSITORIES = 20;

  private static final String LINE = "\n";

  private final TokenIssuer issuer;

  V2Tokens(TokenIssuer issuer) {
    this.issuer = issuer;
  }

  /** How long a token lives. */
  Duration lifetime() {
    return issuer.lifetime();
  }

  /**
   * Makes a token.
   *
   * @param repositories what it is for; the first 20 count
   */
  String issue(Caller caller, Set<RepositoryName> repositories) {
    Set<RepositoryName> all = new LinkedHashSet<>();
    all.add(SIGN_IN);
    repositories.stream().limit(MAX_REPOSITORIES).forEach(all::add);
    List<String> tokens =
        all.stream().map(each -> issuer.issue(caller, each, Access.READ)).toList();
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(String.join(LINE, tokens).getBytes(StandardCharsets.UTF_8));
  }

  /**
   * The tokens of V1 in a bearer token, as clients of V1 send them.
   *
   * @return none when the text is no token of V2
   */
  static List<TokenHeader.Claim> claims(String token) {
    try {
      String text = new String(Base64.getUrlDecoder().decode(token), StandardCharsets.UTF_8);
      return Stream.of(text.split(LINE))
          .map(each -> TokenHeader.parse("Token " + each))
          .flatMap(
              header -> header instanceof TokenHeader.Claim claim ? Stream.of(claim) : Stream.of())
          .toList();
    } catch (IllegalArgumentException e) {
      return List.of();
    }
  }

  /** The claim of a repository; nothing when the token is not for it. */
  static Optional<TokenHeader.Claim> find(List<TokenHeader.Claim> claims, RepositoryName wanted) {
    return claims.stream().filter(claim -> claim.token().repository().equals(wanted)).findFirst();
  }

  /** The claim that the client has signed in. */
  static Optional<TokenHeader.Claim> signIn(List<TokenHeader.Claim> claims) {
    return find(claims, SIGN_IN);
  }
}
