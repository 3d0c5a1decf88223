package io.registry.auth;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What of a request goes into its signature, which is not its host, query or body (protocol 4.5).
 *
 * @param method the method, in capitals
 * @param path the path as the client sent it, without the query, percent-decoded once
 * @param headers all headers, by their names in any case, with their values as they came
 */
public record SignedRequest(String method, String path, Map<String, List<String>> headers) {
  private static final String SIGNED = "X-Docker";
  private static final String SIGNATURE = "X-Signature";
  private static final String DATE = "X-Docker-Date";

  /** The values of the header with the signature. */
  List<String> signatures() {
    return values(SIGNATURE);
  }

  /** The values of the header with the date, which is signed as all of its family are. */
  List<String> dates() {
    return values(DATE);
  }

  /**
   * Whether the same text could have been signed for another request: a value, or the path, that
   * has in it what looks like one more header. By that the date could be hidden.
   */
  boolean isAmbiguous() {
    return holdsHeader(path)
        || signedHeaders().values().stream().anyMatch(SignedRequest::holdsHeader);
  }

  /** The text that is signed. */
  byte[] text() {
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    text.writeBytes((method + "," + path).getBytes(StandardCharsets.UTF_8));
    // Servers hand header values on as one character for each byte.
    signedHeaders()
        .forEach(
            (name, value) ->
                text.writeBytes(("," + name + ":" + value).getBytes(StandardCharsets.ISO_8859_1)));
    return text.toByteArray();
  }

  private SortedMap<String, String> signedHeaders() {
    SortedMap<String, String> signed = new TreeMap<>();
    headers.forEach(
        (name, values) -> {
          String folded = fold(name);
          if (folded.startsWith(SIGNED)) {
            signed.merge(folded, String.join(",", values), (first, second) -> first + "," + second);
          }
        });
    return signed;
  }

  private List<String> values(String wanted) {
    return headers.entrySet().stream()
        .filter(header -> fold(header.getKey()).equals(wanted))
        .flatMap(header -> header.getValue().stream())
        .toList();
  }

  private static boolean holdsHeader(String text) {
    return text.contains("," + SIGNED);
  }

  // As the original's server and library did: underscores are hyphens, and each letter that
  // follows another one is small.
  private static String fold(String name) {
    StringBuilder folded = new StringBuilder(name.length());
    boolean inWord = false;
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i) == '_' ? '-' : name.charAt(i);
      boolean upper = c >= 'A' && c <= 'Z';
      boolean lower = c >= 'a' && c <= 'z';
      if (upper && inWord) {
        folded.append((char) (c + 'a' - 'A'));
      } else if (lower && !inWord) {
        folded.append((char) (c + 'A' - 'a'));
      } else {
        folded.append(c);
      }
      inWord = upper || lower;
    }
    return folded.toString();
  }
}
