package io.registry.platform.logs;

import static org.assertj.core.api.Assertions.assertThat;

import io.registry.testkit.RandomCases;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

/** What becomes of the characters of clients in a log line. */
class LogTextTest {

  @Test
  void whatCannotBeSeenIsWrittenAsItsNumber() {
    assertThat(LogText.printable("a\r\nb\tc\u001b[2J\u007f\u0085\u2028\u202e\ufeff\ud83d"))
        .isEqualTo("a\\u000d\\u000ab\\u0009c\\u001b[2J\\u007f\\u0085\\u2028\\u202e\\ufeff\\ud83d");
  }

  @Test
  void whatCanBeSeenStaysAsItIs() {
    String text = "GET /v1/images/ä/\"json\" \\u000a \ud83d\udc33";
    assertThat(LogText.printable(text)).isSameAs(text);
  }

  @Test
  void anyTextIsOneVisibleLineAndTheSameTextAsJson() {
    RandomCases.check(
        2_000,
        random -> {
          String text = RandomCases.anyText(random, 40).replace("\\", "").replace("\"", "");
          String printable = LogText.printable(text);
          assertThat(printable.chars())
              .noneMatch(Character::isISOControl)
              .noneMatch(
                  c -> c == '\u2028' || c == '\u2029' || Character.getType(c) == Character.FORMAT);
          assertThat(new JsonMapper().readValue('"' + printable + '"', String.class))
              .isEqualTo(text);
        });
  }
}
