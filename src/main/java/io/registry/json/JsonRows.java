package io.registry.json;

import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectReader;

/** The elements of an array that may be too long to be in memory, one after the other. */
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
   * Reads on.
   *
   * @return the next element; nothing after the last one
   * @throws JsonMisfitException when the document is no array, is no JSON, or is cut short; what
   *     was read before may have been right
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
