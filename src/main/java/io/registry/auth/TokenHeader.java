package io.registry.auth;

/**
 * What an {@code Authorization} header says to somebody who looks for a token (protocol 4.1, 4.8):
 *
 * <pre>Token signature=123abc,repository="team/app",access=read</pre>
 *
 * <p>What is read here and what the index reads must be the same, so the grammar is strict: names
 * in lower case, each of them once; values in quotes or without, of printable ASCII without quotes,
 * commas and backslashes; commas between the fields, and blanks after commas only. Fields of other
 * names are left to the index, which is shown the whole header: it may need more than Docker's.
 */
public sealed interface TokenHeader {
  /** Longer headers the original did not read either (protocol 2.0). */
  int MAX_LENGTH = 8190;

  /** Credentials of another kind. */
  record Foreign() implements TokenHeader {}

  /** No credentials: the word Token and nothing behind it, as daemons send that have no token. */
  record Bare() implements TokenHeader {}

  /** Something that is said to be a token and is none. */
  record Malformed() implements TokenHeader {}

  /**
   * A token, of which nobody knows yet whether it is valid.
   *
   * @param token what it claims
   */
  record Claim(AccessToken token) implements TokenHeader {}

  /**
   * Reads the value of an {@code Authorization} header.
   *
   * @param header the value as it came
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
}
