package io.registry.json;

import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.SerializableString;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.io.CharacterEscapes;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.json.JsonReadFeature;
import tools.jackson.core.json.JsonWriteFeature;
import tools.jackson.core.util.MinimalPrettyPrinter;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.cfg.JsonNodeFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * Reads JSON from clients and from the store, and renders it as the original did (protocol 2.0):
 * keys sorted, {@code ", "} and {@code ": "} between the parts, everything beyond ASCII escaped.
 * Safe for use by many threads.
 */
public final class JsonCodec {
  private static final int MAX_DEPTH = 100;

  /** More than any list of images has, and little enough to bound what parsing costs. */
  private static final int MAX_TOKENS = 500_000;

  private final JsonMapper mapper = mapper(Long.MAX_VALUE);
  private final JsonMapper bounded = mapper(MAX_TOKENS);

  private static JsonMapper mapper(long maxTokens) {
    return JsonMapper.builder(
            JsonFactory.builder()
                .streamReadConstraints(
                    StreamReadConstraints.builder()
                        .maxNestingDepth(MAX_DEPTH)
                        .maxStringLength(Integer.MAX_VALUE)
                        .maxTokenCount(maxTokens)
                        .build())
                // The original kept NaN and Infinity, so they may be in old stores.
                .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
                .enable(JsonWriteFeature.ESCAPE_NON_ASCII)
                .disable(JsonWriteFeature.WRITE_HEX_UPPER_CASE)
                .characterEscapes(new PrintableAscii())
                .build())
        .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
        .enable(JsonNodeFeature.WRITE_PROPERTIES_SORTED)
        .enable(SerializationFeature.INDENT_OUTPUT)
        .defaultPrettyPrinter(new SpacedPrinter())
        .build();
  }

  /**
   * Parses one JSON value that a client sent, as {@link #parse} does.
   *
   * @param bytes the whole document
   * @return the value, or nothing also when it has more than 500,000 parts
   */
  public Optional<JsonNode> parseUntrusted(byte[] bytes) {
    return parse(bounded, bytes);
  }

  /**
   * Parses one JSON value. Of duplicate keys the last one counts.
   *
   * @param bytes the whole document; nothing may follow the value but white space
   * @return the value, or nothing when the bytes are not UTF-8, not JSON, or nested more than 100
   *     deep
   */
  public Optional<JsonNode> parse(byte[] bytes) {
    return parse(mapper, bytes);
  }

  private static Optional<JsonNode> parse(JsonMapper mapper, byte[] bytes) {
    try {
      // Decoding here keeps Jackson from guessing UTF-16 or UTF-32, which the original refused.
      String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
      JsonNode node = mapper.readTree(text);
      return node.isMissingNode() ? Optional.empty() : Optional.of(node);
    } catch (CharacterCodingException | JacksonException e) {
      return Optional.empty();
    }
  }

  /**
   * Reads an array element by element, however long it is.
   *
   * @param in the whole document; not closed
   * @return its elements
   */
  public JsonRows rows(InputStream in) {
    return new JsonRows(
        parser(in),
        mapper.readerFor(JsonNode.class).without(DeserializationFeature.FAIL_ON_TRAILING_TOKENS));
  }

  /**
   * Tells whether a document is one JSON object, however long it is.
   *
   * @param in the whole document; not closed
   * @return false when it is no JSON, or another value
   */
  public boolean isObject(InputStream in) {
    try {
      JsonParser parser = parser(in);
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        return false;
      }
      JsonParser unused = parser.skipChildren();
      return parser.currentToken() == JsonToken.END_OBJECT && parser.nextToken() == null;
    } catch (JacksonException e) {
      return false;
    }
  }

  private JsonParser parser(InputStream in) {
    return mapper.reader().without(StreamReadFeature.AUTO_CLOSE_SOURCE).createParser(in);
  }

  /**
   * Renders a value made of maps, collections, strings, numbers, booleans and nulls.
   *
   * @param value the value; maps may hold null values
   * @return the JSON text in ASCII
   */
  public byte[] render(Object value) {
    return mapper.writeValueAsBytes(value);
  }

  /** Jackson takes the one control character at the end of ASCII for one that may be printed. */
  private static final class PrintableAscii extends CharacterEscapes {
    private static final long serialVersionUID = 1L;
    private static final int DELETE = 0x7f;

    @Override
    public int[] getEscapeCodesForAscii() {
      int[] codes = standardAsciiEscapesForJSON();
      codes[DELETE] = ESCAPE_STANDARD;
      return codes;
    }

    @Override
    public @Nullable SerializableString getEscapeSequence(int character) {
      return null;
    }
  }

  private static final class SpacedPrinter extends MinimalPrettyPrinter {
    private static final long serialVersionUID = 1L;

    @Override
    public void writeObjectNameValueSeparator(JsonGenerator json) {
      json.writeRaw(": ");
    }

    @Override
    public void writeObjectEntrySeparator(JsonGenerator json) {
      json.writeRaw(", ");
    }

    @Override
    public void writeArrayValueSeparator(JsonGenerator json) {
      json.writeRaw(", ");
    }
  }
}
