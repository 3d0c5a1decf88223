package io.registry.platform.json;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import java.util.Arrays;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.exc.StreamReadException;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DatabindException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.cfg.CoercionAction;
import tools.jackson.databind.cfg.CoercionInputShape;
import tools.jackson.databind.cfg.EnumFeature;
import tools.jackson.databind.exc.MismatchedInputException;
import tools.jackson.databind.exc.PropertyBindingException;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.type.LogicalType;

/**
 * Converts between JSON and records, strictly: an unknown field or a value of a wrong type is
 * refused, because a misspelt field could be an important one. Enum constants are lower-case words,
 * times are ISO 8601, absent values are omitted. Safe for many threads.
 */
public final class StrictJson {
  private static final int MAX_DEPTH = 20;

  private final JsonMapper mapper =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder().maxNestingDepth(MAX_DEPTH).build())
                  .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                  .build())
          .enable(
              DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES,
              DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES,
              DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
          .withCoercionConfig(
              LogicalType.Textual,
              texts ->
                  texts
                      .setCoercion(CoercionInputShape.Integer, CoercionAction.Fail)
                      .setCoercion(CoercionInputShape.Float, CoercionAction.Fail)
                      .setCoercion(CoercionInputShape.Boolean, CoercionAction.Fail))
          .enable(MapperFeature.ACCEPT_CASE_INSENSITIVE_ENUMS)
          .enable(EnumFeature.FAIL_ON_NUMBERS_FOR_ENUMS, EnumFeature.WRITE_ENUMS_TO_LOWERCASE)
          .changeDefaultPropertyInclusion(
              include -> include.withValueInclusion(JsonInclude.Include.NON_ABSENT))
          .build();

  /**
   * Parses a document.
   *
   * @param bytes the whole document
   * @param type a record
   * @return the record; components without a field in the document are null
   * @throws JsonMisfitException when it is not JSON, or does not have the record's form
   */
  public <T> T read(byte[] bytes, Class<T> type) {
    try {
      T value = mapper.readValue(bytes, type);
      if (value == null) {
        throw new JsonMisfitException("The body is not a JSON object");
      }
      return value;
    } catch (JacksonException e) {
      throw new JsonMisfitException(text(e));
    }
  }

  /**
   * Renders a record.
   *
   * @param value a record
   * @return the JSON text in UTF-8
   */
  public byte[] write(Object value) {
    return mapper.writeValueAsBytes(value);
  }

  // Jackson's own message quotes the value, which may be a password.
  private static String text(JacksonException failure) {
    if (failure instanceof StreamReadException || !(failure instanceof DatabindException)) {
      return "The body is not JSON";
    }
    String field =
        failure.getPath().stream()
            .map(JacksonException.Reference::getPropertyName)
            .filter(Objects::nonNull)
            .reduce((above, below) -> above + "." + below)
            .orElse("");
    if (field.isEmpty()) {
      return "The body is not a JSON object of the form that is wanted";
    }
    if (failure instanceof PropertyBindingException) {
      return field + ": there is no such field";
    }
    return failure instanceof MismatchedInputException mismatch
        ? field + ": has to be " + wanted(mismatch.getTargetType())
        : field + ": has another form than it should";
  }

  private static String wanted(@Nullable Class<?> type) {
    if (type == null) {
      return "something else";
    }
    if (type.isEnum()) {
      return Arrays.stream(type.getEnumConstants())
          .map(constant -> String.valueOf(constant).toLowerCase(Locale.ROOT))
          .collect(Collectors.joining(", ", "one of ", ""));
    }
    if (type == Instant.class) {
      return "a time such as 2030-01-31T12:00:00Z";
    }
    if (type == Boolean.class || type == boolean.class) {
      return "true or false";
    }
    return type == String.class ? "a text" : "an object";
  }
}
