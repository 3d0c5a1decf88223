package io.registry.upstream.mirror;

import io.registry.platform.client.CallFailure;
import io.registry.platform.client.ServerGuard;
import io.registry.platform.concurrent.Deadline;
import io.registry.platform.concurrent.SingleFlight;
import io.registry.upstream.v2.Challenge;
import java.util.Optional;

/**
 * Which protocol the source speaks: as the settings say, or as its first answers show. V1 goes
 * first, so that a source that speaks both is asked as it always was.
 */
final class ProtocolDetection {
  private static final int UNAUTHORIZED = 401;

  private final V1SourceAccess v1;
  private final V2SourceAccess v2;
  private final ServerGuard guard;
  private final SingleFlight<String, Boolean> singleFlight = new SingleFlight<>();
  private volatile SourceProtocol spoken;

  ProtocolDetection(
      SourceProtocol wanted, V1SourceAccess v1, V2SourceAccess v2, ServerGuard guard) {
    this.spoken = wanted;
    this.v1 = v1;
    this.v2 = v2;
    this.guard = guard;
  }

  /** Whether the source is known not to speak V1, so that it is not asked over it. */
  boolean isKnownV2() {
    return spoken == SourceProtocol.V2;
  }

  /** Notes that the source has answered over V1. */
  void noteV1() {
    if (spoken == SourceProtocol.AUTO) {
      spoken = SourceProtocol.V1;
    }
  }

  /** Whether a V1 question was answered with a web page, by a source that may not speak V1. */
  boolean isForPeople(SourceAnswer answer) {
    return spoken == SourceProtocol.AUTO && isPage(answer);
  }

  /**
   * Whether the source is asked over V2. Asks it which protocol it speaks, unless that is known.
   *
   * @throws CallFailure when it does not answer
   */
  boolean isV2() {
    return singleFlight.get("", this::known, this::ask);
  }

  private Optional<Boolean> known() {
    return switch (spoken) {
      case AUTO -> Optional.empty();
      case V1 -> Optional.of(false);
      case V2 -> Optional.of(true);
    };
  }

  private boolean ask() {
    boolean isV2 =
        guard
            .ask("protocol", deadline -> Optional.of(!speaksV1(deadline) && speaksV2(deadline)))
            .orElse(false);
    spoken = isV2 ? SourceProtocol.V2 : SourceProtocol.V1;
    return isV2;
  }

  private boolean speaksV1(Deadline deadline) {
    try (SourceAnswer answer = v1.ping(deadline)) {
      return answer.isFound() && !isPage(answer);
    }
  }

  private boolean speaksV2(Deadline deadline) {
    try (SourceAnswer answer = v2.ping(deadline)) {
      return answer.isFound()
          ? !isPage(answer)
          : answer.status() == UNAUTHORIZED && wantsToken(answer);
    }
  }

  // Some web servers have one for every path.
  private static boolean isPage(SourceAnswer answer) {
    return answer.header("Content-Type").filter(type -> type.startsWith("text/html")).isPresent();
  }

  // A web server may ask for a password at every path.
  private static boolean wantsToken(SourceAnswer answer) {
    return answer.header("Docker-Distribution-Api-Version").isPresent()
        || Challenge.of(answer.headers("WWW-Authenticate")).filter(Challenge::isBearer).isPresent();
  }
}
