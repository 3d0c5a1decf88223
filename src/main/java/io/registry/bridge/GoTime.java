package io.registry.bridge;

import java.time.LocalDate;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A {@code time.Time}: decoded as Go 1.6 does, and encoded in RFC 3339 with as many digits of the
 * fraction as are needed.
 *
 * <p>Go 1.6 decodes more than RFC 3339 allows: the hour may have one digit, the day may be 0, the
 * offset may be any two numbers, and a fraction of more than nine digits counts nanoseconds. One
 * thing is different here: null leaves the time as it was. So do Go 1.8 and with it Docker 17,
 * while Docker 1.12.6 refuses the image.
 */
final class GoTime implements GoValue {
  private static final Pattern FORM =
      Pattern.compile(
          "\"(?<year>[0-9]{4})-(?<month>[0-9]{2})-(?<day>[0-9]{2})"
              + "T(?<hour>[0-9]{1,2}):(?<minute>[0-9]{2}):(?<second>[0-9]{2})"
              + "(?:\\.(?<fraction>[0-9]+))?"
              + "(?:Z|(?<sign>[+-])(?<hours>[0-9+-][0-9]):(?<minutes>[0-9+-][0-9]))\"");
  private static final int NANO_DIGITS = 9;
  private static final int MINUTES_PER_HOUR = 60;

  private String value = "0001-01-01T00:00:00Z";

  @Override
  public void decode(JsonCursor json) {
    if (json.kind() == JsonCursor.Kind.NULL) {
      json.skip();
      return;
    }
    // Go looks at the text as it stands, so an escape is no part of a time.
    Matcher time = FORM.matcher(json.raw());
    if (!time.matches()) {
      throw new MisfitException("not a time of RFC 3339");
    }
    value =
        date(number(time, "year"), number(time, "month"), number(time, "day"))
            + String.format(
                Locale.ROOT,
                "T%02d:%02d:%02d",
                below(24, number(time, "hour")),
                below(60, number(time, "minute")),
                below(60, number(time, "second")))
            + fraction(time)
            + zone(time);
  }

  private static String date(int year, int month, int day) {
    if (month < 1 || month > 12) {
      throw outOfRange();
    }
    LocalDate first = LocalDate.of(year, month, 1);
    if (day > first.lengthOfMonth()) {
      throw outOfRange();
    }
    LocalDate date = first.plusDays(day - 1L);
    if (date.getYear() < 0) {
      throw outOfRange();
    }
    return date.toString();
  }

  private static String fraction(Matcher time) {
    String digits = time.group("fraction");
    if (digits == null) {
      return "";
    }
    if (digits.length() < NANO_DIGITS) {
      digits += "0".repeat(NANO_DIGITS - digits.length());
    } else {
      int excess = digits.length() - NANO_DIGITS;
      if (!digits.substring(0, excess).chars().allMatch(digit -> digit == '0')) {
        throw outOfRange();
      }
      digits = digits.substring(excess);
    }
    int end = NANO_DIGITS;
    while (end > 0 && digits.charAt(end - 1) == '0') {
      end--;
    }
    return end == 0 ? "" : "." + digits.substring(0, end);
  }

  private static String zone(Matcher time) {
    if (time.group("sign") == null) {
      return "Z";
    }
    int offset = number(time, "hours") * MINUTES_PER_HOUR + number(time, "minutes");
    if (time.group("sign").equals("-")) {
      offset = -offset;
    }
    if (offset == 0) {
      return "Z";
    }
    int distance = Math.abs(offset);
    return String.format(
        Locale.ROOT,
        "%s%02d:%02d",
        offset < 0 ? "-" : "+",
        distance / MINUTES_PER_HOUR,
        distance % MINUTES_PER_HOUR);
  }

  private static int number(Matcher time, String part) {
    return Integer.parseInt(time.group(part));
  }

  private static int below(int limit, int number) {
    if (number >= limit) {
      throw outOfRange();
    }
    return number;
  }

  private static MisfitException outOfRange() {
    return new MisfitException("a time that is out of range");
  }

  @Override
  public void encode(GoWriter out) {
    out.raw("\"" + value + "\"");
  }

  @Override
  public boolean isEmpty() {
    return false;
  }
}
