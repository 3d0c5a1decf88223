package io.registry.web.api;

import io.registry.platform.json.JsonMisfitException;
import io.registry.platform.json.StrictJson;
import io.registry.platform.problem.Problem;
import io.registry.platform.problem.RegistryException;
import io.registry.web.http.CurrentLimits;
import io.registry.web.http.LimitProperties;
import io.registry.web.http.ReadDeadline;
import java.io.IOException;
import java.time.Duration;
import org.springframework.http.HttpInputMessage;
import org.springframework.http.HttpOutputMessage;
import org.springframework.http.MediaType;
import org.springframework.http.converter.AbstractHttpMessageConverter;
import org.springframework.http.server.ServletServerHttpRequest;

/**
 * Converts the records of this API from and to JSON, and nothing else. Spring's own converter would
 * read a body of any size, and quote the content of an invalid one, which may contain a password.
 */
final class BodyConverter extends AbstractHttpMessageConverter<Record> {
  /** More than any request of the API needs. */
  private static final int MAX_BYTES = 64 * 1024;

  private final StrictJson json;
  private final CurrentLimits limits;

  BodyConverter(StrictJson json, CurrentLimits limits) {
    super(MediaType.APPLICATION_JSON);
    this.json = json;
    this.limits = limits;
  }

  @Override
  protected boolean supports(Class<?> type) {
    return type.isRecord() && type.getPackage().equals(BodyConverter.class.getPackage());
  }

  @Override
  protected Record readInternal(Class<? extends Record> type, HttpInputMessage request)
      throws IOException {
    LimitProperties now = limits.get();
    int limit = (int) Math.min(now.jsonSize().toBytes(), MAX_BYTES);
    byte[] body =
        request.getHeaders().getContentLength() > limit
            ? new byte[0]
            : read(request, limit + 1, now.jsonTimeout());
    if (request.getHeaders().getContentLength() > limit || body.length > limit) {
      throw new RegistryException(Problem.TOO_LARGE, "The JSON is larger than " + limit + " bytes");
    }
    try {
      return json.read(body, type);
    } catch (JsonMisfitException e) {
      throw new RegistryException(Problem.INVALID, String.valueOf(e.getMessage()), e);
    }
  }

  private static byte[] read(HttpInputMessage request, int most, Duration time) throws IOException {
    return request instanceof ServletServerHttpRequest servlet
        ? ReadDeadline.read(servlet.getServletRequest(), most, time)
        : request.getBody().readNBytes(most);
  }

  @Override
  protected void writeInternal(Record value, HttpOutputMessage answer) throws IOException {
    byte[] bytes = json.write(value);
    answer.getHeaders().setContentLength(bytes.length);
    answer.getBody().write(bytes);
  }
}
