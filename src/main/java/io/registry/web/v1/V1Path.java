package io.registry.web.v1;

import io.registry.content.image.ImageId;
import io.registry.content.repository.RepositoryName;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Set;
import java.util.stream.Collectors;
import org.springframework.util.StringUtils;
import org.springframework.web.util.UriUtils;

/**
 * Normalizes V1 paths, which have several spellings (protocol 2.0): adds the namespace, makes the
 * repository's name a single segment, and removes trailing slashes. The words after a repository
 * win over its name, unless a slash follows: a client that pushes {@code a/images} begins with
 * {@code PUT /v1/repositories/a/images/}.
 */
final class V1Path {
  private static final String REPOSITORIES = "/v1/repositories/";
  private static final Set<String> PARTS = Set.of("tags", "images", "json", "auth", "properties");

  private static final BitSet PLAIN = new BitSet(128);

  static {
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./"
        .chars()
        .forEach(PLAIN::set);
  }

  private V1Path() {}

  /**
   * Normalizes a path.
   *
   * @param raw the path as the client sent it, percent-encoded
   * @return the path that controllers are mapped to, percent-encoded
   * @throws IllegalArgumentException when it is not percent-encoded UTF-8
   */
  static String normalise(String raw) {
    String path = respelled(withoutTrailingSlashes(withoutLeadingSlashes(raw)));
    if (!path.startsWith(REPOSITORIES)) {
      return path;
    }
    String sent = decode(path.substring(REPOSITORIES.length()));
    String rest = withoutTrailingSlashes(sent);
    boolean slash = raw.endsWith("/") || sent.endsWith("/");
    boolean named = slash && PARTS.contains(rest.substring(rest.lastIndexOf('/') + 1));
    return named ? repository(rest, "") : repository(rest);
  }

  // Decodes and encodes each segment: with an unusual encoding of a word, or parameters after a
  // semicolon, a path could reach a route without looking like it.
  private static String respelled(String path) {
    if (isPlain(path)) {
      return path;
    }
    return Arrays.stream(path.split("/", -1))
        .map(segment -> encode(decode(segment)))
        .collect(Collectors.joining("/"));
  }

  private static String repository(String path) {
    int last = path.lastIndexOf('/');
    if (last <= 0) {
      return repository(path, "");
    }
    String head = path.substring(0, last);
    String tail = path.substring(last + 1);
    int before = head.lastIndexOf('/');
    String word = head.substring(before + 1);
    if (tail.equals("json") && before > 0) {
      int wordBefore = head.lastIndexOf('/', before - 1);
      if (wordBefore > 0 && head.substring(wordBefore + 1, before).equals("tags")) {
        return repository(head.substring(0, wordBefore), "/tags/" + encode(word) + "/json");
      }
    }
    if (tail.equals("access") && before > 0 && ImageId.find(word).isPresent()) {
      int wordBefore = head.lastIndexOf('/', before - 1);
      if (wordBefore > 0 && head.substring(wordBefore + 1, before).equals("layer")) {
        return repository(head.substring(0, wordBefore), "/layer/" + word + "/access");
      }
    }
    if (word.equals("tags") && before > 0) {
      return repository(head.substring(0, before), "/tags/" + encode(tail));
    }
    return PARTS.contains(tail) ? repository(head, "/" + tail) : repository(path, "");
  }

  private static String repository(String text, String rest) {
    String name = withoutTrailingSlashes(text);
    int slash = name.indexOf('/');
    return slash < 0
        ? REPOSITORIES + RepositoryName.DEFAULT_NAMESPACE + "/" + encode(name) + rest
        : REPOSITORIES
            + encode(name.substring(0, slash))
            + "/"
            + encode(name.substring(slash + 1))
            + rest;
  }

  private static String withoutLeadingSlashes(String path) {
    int start = 0;
    while (start + 1 < path.length() && path.charAt(start + 1) == '/') {
      start++;
    }
    return path.substring(start);
  }

  private static String withoutTrailingSlashes(String path) {
    int end = path.length();
    while (end > 1 && path.charAt(end - 1) == '/') {
      end--;
    }
    return path.substring(0, end);
  }

  // Needs no encoding, like nearly every path.
  private static boolean isPlain(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (!PLAIN.get(text.charAt(i))) {
        return false;
      }
    }
    return true;
  }

  private static String decode(String encoded) {
    if (isPlain(encoded)) {
      return encoded;
    }
    byte[] bytes =
        StringUtils.uriDecode(encoded, StandardCharsets.ISO_8859_1)
            .getBytes(StandardCharsets.ISO_8859_1);
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw new IllegalArgumentException("not UTF-8", e);
    }
  }

  private static String encode(String segment) {
    // A slash within a segment must be encoded.
    return isPlain(segment) && segment.indexOf('/') < 0
        ? segment
        : UriUtils.encode(segment, StandardCharsets.UTF_8);
  }
}
