package io.registry.web.v1;

import io.registry.platform.problem.Problem;
import io.registry.platform.problem.RegistryException;
import io.registry.web.http.CurrentLimits;
import io.registry.web.http.LimitProperties;
import io.registry.web.http.ReadDeadline;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import org.springframework.stereotype.Component;

/** Reads small request bodies completely, up to a limit, whatever their Content-Type. */
@Component
class JsonBody {
  private final CurrentLimits limits;

  JsonBody(CurrentLimits limits) {
    this.limits = limits;
  }

  /**
   * Reads the body.
   *
   * @param request the request, not read from yet
   * @return the bytes
   * @throws RegistryException when it is too large (refused before it is read, if its length is
   *     known), breaks off or takes too long
   */
  byte[] read(HttpServletRequest request) {
    LimitProperties now = limits.get();
    int limit = Math.toIntExact(now.jsonSize().toBytes());
    if (request.getContentLengthLong() > limit) {
      throw tooLarge(limit);
    }
    try {
      byte[] body = ReadDeadline.read(request, limit + 1, now.jsonTimeout());
      if (body.length > limit) {
        throw tooLarge(limit);
      }
      return body;
    } catch (IOException e) {
      throw new RegistryException(Problem.INVALID, "The request body broke off before its end", e);
    }
  }

  private static RegistryException tooLarge(int limit) {
    return new RegistryException(Problem.TOO_LARGE, "The JSON is larger than " + limit + " bytes");
  }
}
