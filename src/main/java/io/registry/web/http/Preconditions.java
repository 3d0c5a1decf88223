package io.registry.web.http;

import jakarta.servlet.http.HttpServletRequest;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.springframework.http.HttpHeaders;
import org.springframework.util.DigestUtils;

/** Whether the client already has what it asks for (RFC 9110, 13.1). */
public final class Preconditions {
  private static final List<String> CONDITIONS =
      List.of(HttpHeaders.IF_NONE_MATCH, HttpHeaders.IF_MODIFIED_SINCE, HttpHeaders.IF_RANGE);

  private Preconditions() {}

  /** A tag, with its quotes, that changes whenever the body does. */
  public static String etag(byte[] body) {
    return '"' + DigestUtils.md5DigestAsHex(body) + '"';
  }

  /**
   * Evaluates the conditions of a request.
   *
   * @param request If-None-Match wins over If-Modified-Since
   * @param etag of the current version, with its quotes; empty when it has none
   * @return whether the answer is 304
   */
  public static boolean isNotModified(HttpServletRequest request, String etag) {
    if (request.getHeader(HttpHeaders.IF_NONE_MATCH) != null) {
      return Collections.list(request.getHeaders(HttpHeaders.IF_NONE_MATCH)).stream()
          .flatMap(header -> Arrays.stream(header.split(",")))
          .map(String::strip)
          .filter(tag -> !tag.isEmpty())
          .anyMatch(tag -> tag.equals("*") || weak(tag).equals(weak(etag)));
    }
    return isKnownSinceEpoch(request);
  }

  /** Whether the request has conditions. */
  static boolean isConditional(HttpServletRequest request) {
    return CONDITIONS.stream().anyMatch(header -> request.getHeader(header) != null);
  }

  /**
   * Evaluates If-Range.
   *
   * @param request the request
   * @param etag of the current version, with its quotes
   * @return whether the Range header applies
   */
  static boolean isRangeWanted(HttpServletRequest request, String etag) {
    String condition = request.getHeader(HttpHeaders.IF_RANGE);
    return condition == null || condition.strip().equals(etag);
  }

  // The protocol defines the epoch as the modification time of complete images.
  private static boolean isKnownSinceEpoch(HttpServletRequest request) {
    try {
      return request.getDateHeader(HttpHeaders.IF_MODIFIED_SINCE) >= 0;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private static String weak(String tag) {
    return tag.startsWith("W/") ? tag.substring(2) : tag;
  }
}
