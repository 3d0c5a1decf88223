package io.registry.web.v2;

import io.registry.bridge.BridgeProperties;
import io.registry.platform.problem.Problem;
import io.registry.platform.problem.RegistryException;
import io.registry.platform.problem.Subject;
import io.registry.web.http.CurrentLimits;
import io.registry.web.http.ReadDeadline;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import org.springframework.stereotype.Component;

/** Reads manifests that clients send, up to a limit. */
@Component
@ConditionalOnV2
final class ManifestBody {
  private final CurrentLimits limits;
  private final int most;

  ManifestBody(CurrentLimits limits, BridgeProperties settings) {
    this.limits = limits;
    this.most = Math.toIntExact(settings.manifestSize().toBytes());
  }

  /**
   * Reads a manifest.
   *
   * @throws RegistryException {@code TOO_LARGE} when it is larger than the limit, {@code INVALID}
   *     when it breaks off
   */
  byte[] read(HttpServletRequest request) {
    if (request.getContentLengthLong() > most) {
      throw tooLarge();
    }
    try {
      byte[] body = ReadDeadline.read(request, most + 1, limits.get().jsonTimeout());
      if (body.length > most) {
        throw tooLarge();
      }
      return body;
    } catch (IOException e) {
      throw new RegistryException(Problem.INVALID, "The request body broke off before its end", e);
    }
  }

  private RegistryException tooLarge() {
    return new RegistryException(
        Problem.TOO_LARGE, Subject.MANIFEST, "The manifest is larger than " + most + " bytes");
  }
}
