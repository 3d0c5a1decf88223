package io.registry.platform.json;

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
 * Parses JSON from clients and from the store, and renders it like the original (protocol 2.0):
 * keys sorted, {@code ", "} and {@code ": "} as separators, all non-ASCII characters escaped. Safe
 * for many threads.
 */
public final class JsonCodec {
  private static final int MAX_DEPTH = 100;

  /** More than any image list needs; it bounds the cost of parsing. */
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
                // The original wrote NaN and Infinity, so old stores may contain them.
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
   * Parses a JSON value from a client, like {@link #parse}.
   *
   * @param bytes the whole document
   * @return the value; also empty when it has more than 500,000 tokens
   */
  public Optional<JsonNode> parseUntrusted(byte[] bytes) {
    return parse(bounded, bytes);
  }

  /**
   * Parses a JSON value. Of duplicate keys the last one counts.
   *
   * @param bytes the whole document; only white space may follow the value
   * @return the value; empty when the bytes are not UTF-8, not JSON, or nested more than 100 deep
   */
  public Optional<JsonNode> parse(byte[] bytes) {
    return parse(mapper, bytes);
  }

  private static Optional<JsonNode> parse(JsonMapper mapper, byte[] bytes) {
    try {
      // Decoded here, so that Jackson does not detect UTF-16 or UTF-32, which the original refused.
      String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
      JsonNode node = mapper.readTree(text);
      return node.isMissingNode() ? Optional.empty() : Optional.of(node);
    } catch (CharacterCodingException | JacksonException e) {
      return Optional.empty();
    }
  }

  /**
   * Reads an array element by element; its length is not limited.
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
   * Whether a document is a JSON object; its length is not limited.
   *
   * @param in the whole document; not closed
   * @return false when it is not JSON, or another value
   */
  public boolean isObject(InputStream in) {
    try {
      JsonParser parser = parser(in);
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        return false;
      }
      parser.skipChildren();
      return parser.currentToken() == JsonToken.END_OBJECT && parser.nextToken() == null;
    } catch (JacksonException e) {
      return false;
    }
  }

  private JsonParser parser(InputStream in) {
    return mapper.reader().without(StreamReadFeature.AUTO_CLOSE_SOURCE).createParser(in);
  }

  /**
   * Renders a value that consists of maps, collections, strings, numbers, booleans and nulls.
   *
   * @param value the value; maps may contain null values
   * @return the JSON text in ASCII
   */
  public byte[] render(Object value) {
    return mapper.writeValueAsBytes(value);
  }

  /** Also escapes DEL (0x7F), which Jackson treats as printable. */
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
