package io.registry.operations.command;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.springframework.boot.convert.DurationStyle;
import org.springframework.util.unit.DataSize;

/**
 * The arguments of a command.
 *
 * @param words what is no option, in its order
 * @param flags the options without values that are set
 * @param values the values of the other options
 * @param settings the settings of the registry and of Spring, which have a dot in their names
 */
public record CommandLine(
    List<String> words, Set<String> flags, Map<String, String> values, List<String> settings) {
  /** Options of Spring Boot that have no dot in their names. */
  static final Set<String> SPRING_FLAGS = Set.of("--debug", "--trace");

  /**
   * The options that a command has. Each command has settings too.
   *
   * @param takesWords whether there may be arguments that are no options
   * @param flags the options without values
   * @param valued the options with a value, which follows after {@code =} or as the next argument
   */
  public record Syntax(boolean takesWords, Set<String> flags, Set<String> valued) {
    /** Settings only. */
    public static final Syntax SETTINGS = new Syntax(false, Set.of(), Set.of());
  }

  /**
   * Reads a command line.
   *
   * @param arguments what follows the name of the command
   * @throws MisuseException when there is another option, or a value is missing
   */
  public static CommandLine parse(List<String> arguments, Syntax syntax) {
    List<String> words = new ArrayList<>();
    Set<String> flags = new HashSet<>();
    Map<String, String> values = new HashMap<>();
    List<String> settings = new ArrayList<>();
    for (int i = 0; i < arguments.size(); i++) {
      String argument = arguments.get(i);
      int equals = argument.indexOf('=');
      String name = equals < 0 ? argument : argument.substring(0, equals);
      if (syntax.flags().contains(argument)) {
        flags.add(argument);
      } else if (syntax.flags().contains(name)) {
        throw new MisuseException(name + " takes no value");
      } else if (syntax.valued().contains(name)) {
        if (equals < 0 && ++i == arguments.size()) {
          throw new MisuseException(name + " needs a value");
        }
        String value = equals < 0 ? arguments.get(i) : argument.substring(equals + 1);
        if (values.put(name, value) != null) {
          throw new MisuseException(name + " is there twice");
        }
      } else if (isSetting(argument)) {
        settings.add(argument);
      } else if (syntax.takesWords() && !argument.startsWith("--")) {
        words.add(argument);
      } else {
        throw new MisuseException("There is no option " + argument);
      }
    }
    return new CommandLine(
        List.copyOf(words), Set.copyOf(flags), Map.copyOf(values), List.copyOf(settings));
  }

  /** Whether an argument is one that Spring Boot reads. */
  static boolean isSetting(String argument) {
    String name = argument.replaceFirst("=.*", "");
    return argument.startsWith("--") && (name.contains(".") || SPRING_FLAGS.contains(name));
  }

  /** Whether an option without a value is set. */
  public boolean has(String flag) {
    return flags.contains(flag);
  }

  /**
   * The value of an option.
   *
   * @throws MisuseException when it is empty
   */
  public Optional<String> value(String option) {
    return Optional.ofNullable(values.get(option))
        .map(
            value -> {
              if (value.isEmpty()) {
                throw new MisuseException(option + " needs a value");
              }
              return value;
            });
  }

  /**
   * One of two values.
   *
   * @param usual what counts without the option
   * @throws MisuseException when the option has a third value
   */
  public String choice(String option, String usual, String other) {
    String value = value(option).orElse(usual);
    if (!value.equals(usual) && !value.equals(other)) {
      throw new MisuseException("%s is %s or %s, not %s".formatted(option, usual, other, value));
    }
    return value;
  }

  /**
   * A number from 1 on.
   *
   * @param usual what counts without the option
   * @param most the highest number
   * @throws MisuseException when the option has another value
   */
  public int number(String option, int usual, int most) {
    return value(option)
        .map(
            text -> {
              try {
                int number = Integer.parseInt(text);
                if (number >= 1 && number <= most) {
                  return number;
                }
                throw new NumberFormatException(text);
              } catch (NumberFormatException e) {
                throw new MisuseException(option + " is a number from 1 to " + most, e);
              }
            })
        .orElse(usual);
  }

  /**
   * A size that is more than nothing.
   *
   * @throws MisuseException when the option has another value
   */
  public Optional<DataSize> size(String option) {
    return parsed(option, "a size such as 50MB", DataSize::parse, size -> size.toBytes() > 0);
  }

  /**
   * A time.
   *
   * @throws MisuseException when the option has another value, or a negative one
   */
  public Optional<Duration> time(String option) {
    return parsed(
        option, "a time such as 24h", DurationStyle::detectAndParse, time -> !time.isNegative());
  }

  /** Reads a value; an {@link IllegalArgumentException} says that it is none. */
  @FunctionalInterface
  private interface Reader<T> {
    T read(String text);
  }

  private <T> Optional<T> parsed(
      String option, String kind, Reader<T> reader, Predicate<T> isAllowed) {
    return value(option)
        .map(
            text -> {
              try {
                T read = reader.read(text);
                if (isAllowed.test(read)) {
                  return read;
                }
                throw new IllegalArgumentException("out of range");
              } catch (IllegalArgumentException e) {
                throw new MisuseException("%s is %s, not %s".formatted(option, kind, text), e);
              }
            });
  }
}
