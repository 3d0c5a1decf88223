package io.registry.platform.json;

import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectReader;

/** Reads the elements of a JSON array one by one, because the array may not fit in memory. */
public final class JsonRows {
  private static final String WHAT = "not an array of JSON";

  private final JsonParser parser;
  private final ObjectReader rows;
  private boolean begun;

  JsonRows(JsonParser parser, ObjectReader rows) {
    this.parser = parser;
    this.rows = rows;
  }

  /**
   * Reads the next element.
   *
   * @return the element; empty after the last one
   * @throws JsonMisfitException when the document is not an array, not JSON, or cut short; earlier
   *     elements may have been valid
   */
  public Optional<JsonNode> next() {
    try {
      if (!begun && parser.nextToken() != JsonToken.START_ARRAY) {
        throw new JsonMisfitException(WHAT);
      }
      begun = true;
      JsonToken token = parser.nextToken();
      if (token == JsonToken.END_ARRAY) {
        if (parser.nextToken() != null) {
          throw new JsonMisfitException(WHAT);
        }
        return Optional.empty();
      }
      if (token == null) {
        throw new JsonMisfitException(WHAT);
      }
      return Optional.of(rows.readValue(parser));
    } catch (JacksonException e) {
      throw new JsonMisfitException(WHAT);
    }
  }
}
