package io.registry.access.auth;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The signed parts of a request; host, query and body are not signed (protocol 4.5).
 *
 * @param method the method, in capitals
 * @param path the path as the client sent it, without the query, percent-decoded once
 * @param headers all headers, by their names in any case, with their values as received
 */
public record SignedRequest(String method, String path, Map<String, List<String>> headers) {
  private static final String SIGNED = "X-Docker";
  private static final String SIGNATURE = "X-Signature";
  private static final String DATE = "X-Docker-Date";

  /** The values of the header with the signature. */
  List<String> signatures() {
    return values(SIGNATURE);
  }

  /** The values of the header with the date, which is signed like all {@code X-Docker-} headers. */
  List<String> dates() {
    return values(DATE);
  }

  /**
   * Whether another request could have the same signed text: a value or the path contains what
   * looks like another header line. An attacker could hide the date that way.
   */
  boolean isAmbiguous() {
    return holdsHeader(path)
        || signedHeaders().values().stream().anyMatch(SignedRequest::holdsHeader);
  }

  /** The text that is signed. */
  byte[] text() {
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    text.writeBytes((method + "," + path).getBytes(StandardCharsets.UTF_8));
    // Servlet containers decode header values as ISO-8859-1, one character per byte.
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

  // Normalizes like the original's server and library: underscores become hyphens, and each letter
  // after another letter becomes lower case.
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
