package io.registry.web.v1;

import io.registry.problem.Problem;
import io.registry.problem.RegistryException;
import io.registry.web.RegistryProperties;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import org.springframework.stereotype.Component;

/** Reads small request bodies whole, whatever their Content-Type says, and bounded. */
@Component
class JsonBody {
  private final int limit;

  JsonBody(RegistryProperties registry) {
    this.limit = Math.toIntExact(registry.limits().jsonSize().toBytes());
  }

  /**
   * Reads the body.
   *
   * @param request not read from yet
   * @return the bytes
   * @throws RegistryException when it is too large, as far as possible before it is read, or when
   *     it breaks off
   */
  byte[] read(HttpServletRequest request) {
    if (request.getContentLengthLong() > limit) {
      throw tooLarge();
    }
    try {
      byte[] body = request.getInputStream().readNBytes(limit + 1);
      if (body.length > limit) {
        throw tooLarge();
      }
      return body;
    } catch (IOException e) {
      throw new RegistryException(Problem.INVALID, "The request body broke off before its end", e);
    }
  }

  private RegistryException tooLarge() {
    return new RegistryException(Problem.TOO_LARGE, "The JSON is larger than " + limit + " bytes");
  }
}
