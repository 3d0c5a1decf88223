package io.registry.web.v2;

import io.registry.access.auth.Access;
import io.registry.access.auth.AccessToken;
import io.registry.access.auth.TokenHeader;
import io.registry.content.repository.RepositoryName;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Bearer tokens of V2. A bearer token contains V1 tokens, up to two for each repository, encoded
 * for a header. To check a part of a bearer token, the server checks a V1 token.
 */
final class V2Tokens {
  /** What a token of each client is for: it says that the client has signed in. */
  static final RepositoryName SIGN_IN = new RepositoryName("library", "_sign-in");

  /**
   * How many tokens a bearer token contains besides that for {@link #SIGN_IN}. A client asks for
   * one repository, and for more only to mount blobs.
   */
  static final int MAX_TOKENS = 20;

  /** Longer ones are not looked at. */
  private static final int MAX_LENGTH = 32 * 1024;

  private static final String LINE = "\n";

  private V2Tokens() {}

  /** Joins tokens of V1. */
  static String join(List<AccessToken> tokens) {
    String text = tokens.stream().map(AccessToken::header).collect(Collectors.joining(LINE));
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  /**
   * The tokens of V1 in a bearer token.
   *
   * @return none when the text is no token of V2
   */
  static List<AccessToken> split(String token) {
    if (token.length() > MAX_LENGTH) {
      return List.of();
    }
    try {
      String text = new String(Base64.getUrlDecoder().decode(token), StandardCharsets.UTF_8);
      return Stream.of(text.split(LINE))
          .map(TokenHeader::parse)
          .flatMap(
              header ->
                  header instanceof TokenHeader.Claim claim
                      ? Stream.of(claim.token())
                      : Stream.of())
          .toList();
    } catch (IllegalArgumentException e) {
      return List.of();
    }
  }

  /** A token that has the access to a repository; nothing when there is none. */
  static Optional<AccessToken> find(
      List<AccessToken> tokens, RepositoryName wanted, Access access) {
    return tokens.stream()
        .filter(token -> token.repository().equals(wanted) && token.access().covers(access))
        .findFirst();
  }
}
