package io.registry.features.events;

import io.registry.platform.client.CallFailure;
import io.registry.platform.client.CallFailure.Kind;
import io.registry.platform.json.JsonCodec;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/** Interprets the answer of the veto hook. */
final class VetoAnswer {
  /** Statuses that mean a refusal; all others mean that the question failed. */
  private static final Set<Integer> NO = Set.of(400, 403, 409, 422);

  private static final String WITHOUT_REASON = "The push was refused";
  private static final int MAX_TEXT = 500;

  /** A daemon that reads this text skips the image as if it existed (protocol 9.2). */
  private static final String SKIPPED = "Image already exists";

  private final JsonCodec codec;

  VetoAnswer(JsonCodec codec) {
    this.codec = codec;
  }

  /**
   * The reason of the refusal.
   *
   * @return the reason; empty when the push is allowed
   * @throws CallFailure when the answer is not valid
   */
  Optional<String> refusal(HttpResponse<byte[]> answer) {
    int status = answer.statusCode();
    if (status / 100 == 2) {
      return Optional.empty();
    }
    if (!NO.contains(status)) {
      throw new CallFailure(Kind.PERMANENT, "HTTP " + status);
    }
    String type = answer.headers().firstValue("Content-Type").orElse("").toLowerCase(Locale.ROOT);
    return Optional.of(clean(text(status, type, answer.body())));
  }

  private String text(int status, String type, byte[] body) {
    if (body.length == 0) {
      return "";
    }
    if (type.startsWith("text/plain")) {
      return new String(body, StandardCharsets.UTF_8);
    }
    return codec
        .parseUntrusted(body)
        .map(json -> json.path("error"))
        .filter(JsonNode::isString)
        .map(JsonNode::stringValue)
        .orElseThrow(() -> new CallFailure(Kind.PERMANENT, "HTTP " + status + " without a text"));
  }

  private static String clean(String text) {
    String plain = text.replaceAll("\\p{Cntrl}+", " ").strip();
    String cut = plain.length() <= MAX_TEXT ? plain : plain.substring(0, MAX_TEXT) + "...";
    if (cut.isEmpty()) {
      return WITHOUT_REASON;
    }
    return cut.equals(SKIPPED) ? WITHOUT_REASON + ": " + cut : cut;
  }
}
