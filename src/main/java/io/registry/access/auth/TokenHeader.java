package io.registry.access.auth;

import java.util.Optional;

/**
 * The result of parsing an {@code Authorization} header as a token (protocol 4.1, 4.8):
 *
 * <pre>Token signature=123abc,repository="team/app",access=read</pre>
 *
 * <p>The registry and the index must read the same token from a header, so the grammar is strict:
 * names in lower case, each of them once; values in quotes or without, of printable ASCII without
 * quotes, commas and backslashes; commas between the fields, and blanks after commas only. Fields
 * with other names are left to the index, which receives the whole header: it may need more fields
 * than Docker's.
 */
public sealed interface TokenHeader {
  /** The original did not read longer headers either (protocol 2.0). */
  int MAX_LENGTH = 8190;

  /** Credentials of another scheme. */
  record Foreign() implements TokenHeader {}

  /** No credentials: the word {@code Token} alone, as daemons send without a token. */
  record Bare() implements TokenHeader {}

  /** A malformed token. */
  record Malformed() implements TokenHeader {}

  /**
   * A well-formed token, which is not verified yet.
   *
   * @param token the claim
   */
  record Claim(AccessToken token) implements TokenHeader {}

  /**
   * Parses the value of an {@code Authorization} header.
   *
   * @param header the value as received
   */
  static TokenHeader parse(String header) {
    int start = TokenGrammar.afterScheme(header);
    if (start == 0) {
      return new Foreign();
    }
    if (header.length() > MAX_LENGTH) {
      return new Malformed();
    }
    if (start == header.length()) {
      return new Bare();
    }
    return TokenGrammar.fields(header, start)
        .flatMap(fields -> AccessToken.of(header, fields))
        .<TokenHeader>map(Claim::new)
        .orElseGet(Malformed::new);
  }

  /**
   * Parses the value of an {@code Authorization} header, like {@link #parse}.
   *
   * @param header the value as received
   * @return the claim; empty when the value is not a well-formed token
   */
  static Optional<AccessToken> token(String header) {
    return parse(header) instanceof Claim claim ? Optional.of(claim.token()) : Optional.empty();
  }
}
