package io.registry.content.retention;

import java.math.BigInteger;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A version by semver.org 2.0, with an optional {@code v} before it. A tag cannot contain a plus
 * sign, so there is no build metadata.
 *
 * @param numbers major, minor and patch
 * @param preRelease the identifiers after the hyphen; none for a release
 */
record SemanticVersion(List<BigInteger> numbers, List<String> preRelease)
    implements Comparable<SemanticVersion> {
  private static final String NUMBER = "(0|[1-9]\\d*)";
  private static final Pattern FORM =
      Pattern.compile(
          "v?"
              + NUMBER
              + "\\."
              + NUMBER
              + "\\."
              + NUMBER
              + "(?:-([0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*))?");
  private static final Pattern DIGITS = Pattern.compile("\\d+");

  /** Parses a version; empty when the text is none. */
  static Optional<SemanticVersion> find(String text) {
    Matcher matcher = FORM.matcher(text);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    return Optional.of(
        new SemanticVersion(
            Stream.of(1, 2, 3).map(group -> new BigInteger(matcher.group(group))).toList(),
            Optional.ofNullable(matcher.group(4))
                .map(text2 -> Arrays.asList(text2.split("\\.", -1)))
                .orElse(List.of())));
  }

  @Override
  public int compareTo(SemanticVersion other) {
    for (int i = 0; i < numbers.size(); i++) {
      int order = numbers.get(i).compareTo(other.numbers.get(i));
      if (order != 0) {
        return order;
      }
    }
    if (preRelease.isEmpty() || other.preRelease.isEmpty()) {
      return Boolean.compare(preRelease.isEmpty(), other.preRelease.isEmpty());
    }
    for (int i = 0; i < Math.min(preRelease.size(), other.preRelease.size()); i++) {
      int order = IDENTIFIERS.compare(preRelease.get(i), other.preRelease.get(i));
      if (order != 0) {
        return order;
      }
    }
    return Integer.compare(preRelease.size(), other.preRelease.size());
  }

  // Numbers are lower than words.
  private static final Comparator<String> IDENTIFIERS =
      (one, other) -> {
        boolean isNumber = DIGITS.matcher(one).matches();
        boolean isOtherNumber = DIGITS.matcher(other).matches();
        if (isNumber && isOtherNumber) {
          return new BigInteger(one).compareTo(new BigInteger(other));
        }
        return isNumber == isOtherNumber
            ? one.compareTo(other)
            : Boolean.compare(isOtherNumber, isNumber);
      };
}
