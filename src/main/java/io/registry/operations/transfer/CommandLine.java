package io.registry.operations.transfer;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A command line.
 *
 * @param words what is no option, in its order
 * @param flags the options without values that are set
 * @param values the values of the other options
 * @param settings the settings of the registry
 */
record CommandLine(
    List<String> words, Set<String> flags, Map<String, String> values, List<String> settings) {

  /**
   * Reads a command line. The value of an option follows after {@code =} or as the next argument.
   *
   * @param flags the options without values
   * @param valued the options with a value
   * @throws TransferMisuseException when there is another option, or a value is missing
   */
  static CommandLine parse(List<String> arguments, Set<String> flags, Set<String> valued) {
    List<String> words = new ArrayList<>();
    Set<String> set = new HashSet<>();
    Map<String, String> values = new HashMap<>();
    List<String> settings = new ArrayList<>();
    for (int i = 0; i < arguments.size(); i++) {
      String argument = arguments.get(i);
      int equals = argument.indexOf('=');
      String name = equals < 0 ? argument : argument.substring(0, equals);
      if (!argument.startsWith("--")) {
        words.add(argument);
      } else if (flags.contains(argument)) {
        set.add(argument);
      } else if (flags.contains(name)) {
        throw new TransferMisuseException(name + " takes no value");
      } else if (valued.contains(name)) {
        String value = "";
        if (equals >= 0) {
          value = argument.substring(equals + 1);
        } else if (i + 1 < arguments.size()) {
          value = arguments.get(++i);
        }
        if (value.isEmpty()) {
          throw new TransferMisuseException(name + " needs a value");
        }
        String before = values.put(name, value);
        if (before != null) {
          throw new TransferMisuseException(name + " is there twice");
        }
      } else if (name.contains(".")) {
        // What has a dot in its name is a setting of the registry or of Spring.
        settings.add(argument);
      } else {
        throw new TransferMisuseException("There is no option " + argument);
      }
    }
    return new CommandLine(
        List.copyOf(words), Set.copyOf(set), Map.copyOf(values), List.copyOf(settings));
  }

  boolean has(String flag) {
    return flags.contains(flag);
  }

  Optional<String> value(String option) {
    return Optional.ofNullable(values.get(option));
  }
}
