package io.registry.web.api;

import io.registry.json.JsonMisfitException;
import io.registry.json.StrictJson;
import io.registry.problem.Problem;
import io.registry.problem.RegistryException;
import java.io.IOException;
import org.springframework.http.HttpInputMessage;
import org.springframework.http.HttpOutputMessage;
import org.springframework.http.MediaType;
import org.springframework.http.converter.AbstractHttpMessageConverter;
import org.springframework.util.unit.DataSize;

/**
 * Reads and writes the records of this API, and nothing else. Spring's own converter would read a
 * body of any size, and say what is in it when it does not fit, which may be a password.
 */
final class BodyConverter extends AbstractHttpMessageConverter<Record> {
  /** More than any request here needs. */
  private static final int MAX_BYTES = 64 * 1024;

  private final StrictJson json;
  private final int limit;

  BodyConverter(StrictJson json, DataSize limit) {
    super(MediaType.APPLICATION_JSON);
    this.json = json;
    this.limit = (int) Math.min(limit.toBytes(), MAX_BYTES);
  }

  @Override
  protected boolean supports(Class<?> type) {
    return type.isRecord() && type.getPackage().equals(BodyConverter.class.getPackage());
  }

  @Override
  protected Record readInternal(Class<? extends Record> type, HttpInputMessage request)
      throws IOException {
    byte[] body =
        request.getHeaders().getContentLength() > limit
            ? new byte[0]
            : request.getBody().readNBytes(limit + 1);
    if (request.getHeaders().getContentLength() > limit || body.length > limit) {
      throw new RegistryException(Problem.TOO_LARGE, "The JSON is larger than " + limit + " bytes");
    }
    try {
      return json.read(body, type);
    } catch (JsonMisfitException e) {
      throw new RegistryException(Problem.INVALID, String.valueOf(e.getMessage()), e);
    }
  }

  @Override
  protected void writeInternal(Record value, HttpOutputMessage answer) throws IOException {
    byte[] bytes = json.write(value);
    answer.getHeaders().setContentLength(bytes.length);
    answer.getBody().write(bytes);
  }
}
