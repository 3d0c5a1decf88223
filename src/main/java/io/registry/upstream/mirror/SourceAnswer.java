package io.registry.upstream.mirror;

import io.registry.platform.client.CallFailure;
import io.registry.platform.client.CallFailure.Kind;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * An answer of the source: its status and headers, and its body as a stream. The caller closes it.
 */
final class SourceAnswer implements AutoCloseable {
  /** The 4xx statuses that are about the moment or the rate of requests. */
  private static final Set<Integer> NO_ANSWERS = Set.of(407, 408, 425, 429);

  private static final int SERVER_FAILS = 500;

  private final HttpResponse<SourceBody> response;

  SourceAnswer(HttpResponse<SourceBody> response) {
    this.response = response;
  }

  int status() {
    return response.statusCode();
  }

  /**
   * Whether the source has what was requested.
   *
   * @throws CallFailure when the answer means neither yes nor no
   */
  boolean isFound() {
    int status = status();
    // A failure with this object of a server that works: it says nothing about other objects.
    if (status == SERVER_FAILS) {
      throw new CallFailure(Kind.ANSWER, "it answers with " + status);
    }
    if (status > SERVER_FAILS) {
      throw new CallFailure(Kind.TRANSIENT, "it answers with " + status);
    }
    if (status < 200 || (status >= 300 && status < 400) || NO_ANSWERS.contains(status)) {
      throw new CallFailure(Kind.PERMANENT, "it answers with " + status);
    }
    return status == 200;
  }

  Optional<String> header(String name) {
    return response.headers().firstValue(name);
  }

  List<String> headers(String name) {
    return response.headers().allValues(name);
  }

  /** The announced length of the body, if there is one. */
  OptionalLong length() {
    return number("Content-Length");
  }

  /** A header whose value is a number of bytes; empty when it is absent or not a number. */
  OptionalLong number(String name) {
    return header(name)
        .map(String::strip)
        .filter(text -> text.matches("[0-9]{1,18}"))
        .map(text -> OptionalLong.of(Long.parseLong(text)))
        .orElse(OptionalLong.empty());
  }

  /** Whether a truncated body can be distinguished from a complete one. */
  boolean hasEnd() {
    return length().isPresent()
        || header("Transfer-Encoding")
            .filter(coding -> coding.toLowerCase(Locale.ROOT).contains("chunked"))
            .isPresent();
  }

  /** Whether the body has a content encoding, although none was requested. */
  boolean isEncoded() {
    return headers("Content-Encoding").stream()
        .anyMatch(coding -> !coding.strip().equalsIgnoreCase("identity"));
  }

  SourceBody body() {
    return response.body();
  }

  @Override
  public void close() {
    response.body().close();
  }
}
