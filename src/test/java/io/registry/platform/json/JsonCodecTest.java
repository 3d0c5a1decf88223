package io.registry.platform.json;

import static org.assertj.core.api.Assertions.assertThat;

import io.registry.testkit.RandomCases;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

class JsonCodecTest {
  private final JsonCodec codec = new JsonCodec();

  /** A text, and what Python's json.dumps(json.loads(text), sort_keys=True) makes of it. */
  static Stream<Arguments> python() {
    return Stream.of(
        vector("null", "null"),
        vector("true", "true"),
        vector("0", "0"),
        vector("-1", "-1"),
        vector("12345678901234567890123", "12345678901234567890123"),
        vector("1.5", "1.5"),
        vector("-0.25", "-0.25"),
        vector("0.1", "0.1"),
        vector("100.0", "100.0"),
        vector("0.30000000000000004", "0.30000000000000004"),
        vector("3.141592653589793", "3.141592653589793"),
        vector("\"\"", "\"\""),
        vector("\"a/b\"", "\"a/b\""),
        vector("\"\u00e9\"", "\"\\u00e9\""),
        vector("\"\u65e5\u672c\"", "\"\\u65e5\\u672c\""),
        vector("\"\ud83d\ude80\"", "\"\\ud83d\\ude80\""),
        vector("\"\\ud83d\\ude80\"", "\"\\ud83d\\ude80\""),
        vector("\"\\ud800\"", "\"\\ud800\""),
        vector("\"\\udc00x\"", "\"\\udc00x\""),
        vector(
            "\"\\u0000\\u0001\\u001f\\b\\f\\n\\r\\t\"", "\"\\u0000\\u0001\\u001f\\b\\f\\n\\r\\t\""),
        vector("\"\\\"\\\\\\/\"", "\"\\\"\\\\/\""),
        vector("\"\u0080\u2028\uffff\"", "\"\\u0080\\u2028\\uffff\""),
        vector("\"<>&'\"", "\"<>&'\""),
        vector("[]", "[]"),
        vector("{}", "{}"),
        vector("[1,2,[3,{}]]", "[1, 2, [3, {}]]"),
        vector(
            "{\"b\":1,\"a\":[true,false,null],\"\":0,\"B\":{\"z\":1,\"y\":{\"d\":1,\"c\":2}}}",
            "{\"\": 0, \"B\": {\"y\": {\"c\": 2, \"d\": 1}, \"z\": 1}, \"a\": [true, false, null], \"b\": 1}"),
        vector("{\"\u00e9\":1,\"z\":2,\"\\n\":3}", "{\"\\n\": 3, \"z\": 2, \"\\u00e9\": 1}"),
        vector("{\"a\":1,\"a\":2}", "{\"a\": 2}"),
        vector(" [ 1 , 2 ] \n", "[1, 2]"),
        vector("{\"10\":1,\"9\":2,\"_\":3,\"A\":4}", "{\"10\": 1, \"9\": 2, \"A\": 4, \"_\": 3}"));
  }

  @ParameterizedTest
  @MethodSource("python")
  void whatWasReadIsRenderedAsPythonDoes(String text, String rendered) {
    assertThat(render(parse(text))).isEqualTo(rendered);
  }

  @ParameterizedTest
  @MethodSource("python")
  void whatIsPartOfAMapIsRenderedAsPythonDoes(String text, String rendered) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("z", parse(text));
    map.put("a", 1);
    assertThat(render(map)).isEqualTo("{\"a\": 1, \"z\": " + rendered + "}");
  }

  @Test
  void theValuesOfJavaAreRenderedAsThoseOfPython() {
    Map<String, @Nullable Object> map = new LinkedHashMap<>();
    map.put("os", "linux");
    map.put("last_update", 1_412_345_678L);
    map.put("kernel", null);
    map.put("arch", List.of("amd64", true));

    assertThat(render(map))
        .isEqualTo(
            "{\"arch\": [\"amd64\", true], \"kernel\": null, \"last_update\": 1412345678,"
                + " \"os\": \"linux\"}");
    assertThat(render("a\u00e9")).isEqualTo("\"a\\u00e9\"");
    assertThat(render(true)).isEqualTo("true");
    assertThat(render(List.of())).isEqualTo("[]");
    assertThat(render(Map.of())).isEqualTo("{}");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "{",
        "[1",
        "\"",
        "tru",
        "nul",
        "{'a': 1}",
        "{a: 1}",
        "[1,]",
        "{\"a\": 1,}",
        "01",
        "+1",
        ".5",
        "1.",
        "0x1",
        "1 2",
        "{} {}",
        "[] x",
        "true false",
        "null,",
        "\"a\" \"b\"",
        "// c\n1",
        "/* c */ 1",
        "# c\n1",
        "\"a\nb\"",
        "\"\\x\"",
        "\"\\u12\"",
        "\u00a01",
        "\0"
      })
  void whatIsNoJsonIsRefused(String text) {
    assertThat(codec.parse(text.getBytes(StandardCharsets.UTF_8))).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"efbbbf7b7d", "efbbbf31", "feff007b007d", "fffe7b007d00"})
  void aByteOrderMarkIsRefused(String hex) {
    assertThat(codec.parse(HexFormat.of().parseHex(hex))).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"UTF-16BE", "UTF-16LE", "UTF-16", "UTF-32BE", "UTF-32LE"})
  void otherEncodingsAreRefused(String charset) {
    assertThat(codec.parse("{\"id\": \"a\"}".getBytes(Charset.forName(charset)))).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "22ff22",
        "22c322",
        "22c0af22",
        "22eda08022",
        "22f490808022",
        "2280 22",
        "22e28222"
      })
  void whatIsNotUtf8IsRefused(String hex) {
    assertThat(codec.parse(HexFormat.of().parseHex(hex.replace(" ", "")))).isEmpty();
  }

  @Test
  void nestingIsRefusedFrom101On() {
    assertThat(codec.parse(bytes("[".repeat(100) + "]".repeat(100)))).isPresent();
    assertThat(codec.parse(bytes("[".repeat(101) + "]".repeat(101)))).isEmpty();
    assertThat(codec.parse(bytes("{\"a\":".repeat(100) + "1" + "}".repeat(100)))).isPresent();
    assertThat(codec.parse(bytes("{\"a\":".repeat(101) + "1" + "}".repeat(101)))).isEmpty();
    assertThat(codec.parse(bytes("[".repeat(1_000_000)))).isEmpty();
  }

  @Test
  void ofEqualKeysTheLastCounts() {
    assertThat(parse("{\"id\": 1, \"id\": \"b\"}").get("id").stringValue()).isEqualTo("b");
  }

  @Test
  void aLongTextIsRead() {
    assertThat(parse('"' + "x".repeat(30_000_000) + '"').stringValue()).hasSize(30_000_000);
  }

  @Test
  void whatIsRenderedIsReadAsTheSameValueAndIsAscii() {
    RandomCases.check(
        5_000,
        random -> {
          Object value = value(random, 4);
          byte[] rendered = codec.render(wrapped(value));
          JsonNode read = codec.parse(rendered).orElseThrow();

          assertThat(codec.render(read)).isEqualTo(rendered);
          assertThat(plain(read)).isEqualTo(wrapped(value));
          for (byte b : rendered) {
            assertThat(b).isBetween((byte) 0x20, (byte) 0x7f);
          }
        });
  }

  @Test
  void noBytesAreMoreThanRefused() {
    RandomCases.check(
        20_000,
        random -> {
          byte[] bytes =
              RandomCases.text(random, 20, "{}[]\",:\\u0dn1e+-.tr \u00e9\0\n")
                  .getBytes(
                      random.nextBoolean() ? StandardCharsets.UTF_8 : StandardCharsets.ISO_8859_1);
          codec.parse(bytes).ifPresent(node -> assertThat(codec.render(node)).isNotEmpty());
        });
  }

  private static List<Object> wrapped(Object value) {
    return new ArrayList<>(Collections.singletonList(value));
  }

  private static Object value(RandomGenerator random, int depth) {
    return switch (random.nextInt(depth == 0 ? 4 : 6)) {
      case 0 -> RandomCases.anyText(random, 10);
      case 1 -> random.nextLong() >> random.nextInt(64);
      case 2 -> random.nextBoolean();
      case 3 -> Double.longBitsToDouble(random.nextLong() >>> 2);
      case 4 -> {
        List<Object> list = new ArrayList<>();
        for (int i = random.nextInt(4); i > 0; i--) {
          list.add(value(random, depth - 1));
        }
        yield list;
      }
      default -> {
        Map<String, Object> map = new LinkedHashMap<>();
        for (int i = random.nextInt(4); i > 0; i--) {
          map.put(RandomCases.anyText(random, 3), value(random, depth - 1));
        }
        yield map;
      }
    };
  }

  private static Object plain(JsonNode node) {
    if (node.isArray()) {
      List<Object> list = new ArrayList<>();
      node.forEach(element -> list.add(plain(element)));
      return list;
    }
    if (node.isObject()) {
      Map<String, Object> map = new LinkedHashMap<>();
      node.properties().forEach(entry -> map.put(entry.getKey(), plain(entry.getValue())));
      return map;
    }
    if (node.isIntegralNumber()) {
      return node.longValue();
    }
    if (node.isNumber()) {
      return node.doubleValue();
    }
    return node.isBoolean() ? (Object) node.booleanValue() : node.stringValue();
  }

  private static Arguments vector(String text, String rendered) {
    return Arguments.of(text, rendered);
  }

  private JsonNode parse(String text) {
    return codec.parse(bytes(text)).orElseThrow();
  }

  private String render(Object value) {
    return new String(codec.render(value), StandardCharsets.UTF_8);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
