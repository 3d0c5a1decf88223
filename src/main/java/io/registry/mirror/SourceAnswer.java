package io.registry.mirror;

import io.registry.mirror.SourceFailure.Kind;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/** The head of an answer of the source, and its body while it comes. Whoever gets it closes it. */
final class SourceAnswer implements AutoCloseable {
  /** Answers of the class 4xx that are about the moment, or about who asks too often. */
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
   * Whether the source has what was asked for.
   *
   * @throws SourceFailure when it says neither yes nor no
   */
  boolean isFound() {
    int status = status();
    // A fault with one thing, of a server that is there: it says nothing of the others.
    if (status == SERVER_FAILS) {
      throw new SourceFailure(Kind.ANSWER, "it answers with " + status);
    }
    if (status > SERVER_FAILS) {
      throw new SourceFailure(Kind.TRANSIENT, "it answers with " + status);
    }
    if (status < 200 || (status >= 300 && status < 400) || NO_ANSWERS.contains(status)) {
      throw new SourceFailure(Kind.PERMANENT, "it answers with " + status);
    }
    return status == 200;
  }

  Optional<String> header(String name) {
    return response.headers().firstValue(name);
  }

  List<String> headers(String name) {
    return response.headers().allValues(name);
  }

  /** The length that is announced for the body, if one is. */
  OptionalLong length() {
    return number("Content-Length");
  }

  /** A header that is a number of bytes; nothing when it is absent or none. */
  OptionalLong number(String name) {
    return header(name)
        .map(String::strip)
        .filter(text -> text.matches("[0-9]{1,18}"))
        .map(text -> OptionalLong.of(Long.parseLong(text)))
        .orElse(OptionalLong.empty());
  }

  /** Whether a body that breaks off can be told from one that has ended. */
  boolean hasEnd() {
    return length().isPresent()
        || header("Transfer-Encoding")
            .filter(coding -> coding.toLowerCase(Locale.ROOT).contains("chunked"))
            .isPresent();
  }

  /** Whether the body is in another encoding than the one that was asked for, which is none. */
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
