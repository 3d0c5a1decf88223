package io.registry.operations.migration;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.yaml.snakeyaml.DumperOptions;
import org.yaml.snakeyaml.Yaml;

/**
 * The command {@code import-config FILE [--flavor NAME]}: translates a configuration file of the
 * original, or of CNCF Distribution, to an {@code application.yml}, and lists what has no
 * equivalent.
 */
public final class ImportConfig {
  /** The name of the command. */
  public static final String NAME = "import-config";

  private static final int DONE = 0;
  private static final int FAILED = 1;
  private static final int MISUSED = 2;
  private static final String FLAVOR = "--flavor";
  private static final String USAGE =
      "usage: java -jar registry.jar import-config FILE [--flavor NAME]";

  private final Map<String, String> environment;
  private final PrintStream out;
  private final PrintStream err;

  /**
   * Creates the command.
   *
   * @param environment the variables that the file may refer to
   * @param out receives the {@code application.yml}
   * @param err receives error messages
   */
  public ImportConfig(Map<String, String> environment, PrintStream out, PrintStream err) {
    this.environment = Map.copyOf(environment);
    this.out = out;
    this.err = err;
  }

  /**
   * Runs the command.
   *
   * @param arguments the arguments after the name of the command
   * @return the exit status: 0 on success, 1 on failure, 2 when the arguments are invalid
   */
  public int run(List<String> arguments) {
    if (arguments.contains("--help")) {
      out.println(USAGE);
      return DONE;
    }
    List<String> files = new ArrayList<>();
    // The original's own default (protocol 8.1).
    String flavor = Optional.ofNullable(environment.get("SETTINGS_FLAVOR")).orElse("dev");
    for (int i = 0; i < arguments.size(); i++) {
      String argument = arguments.get(i);
      if (argument.startsWith(FLAVOR + "=")) {
        flavor = argument.substring(FLAVOR.length() + 1);
      } else if (argument.equals(FLAVOR) && i + 1 < arguments.size()) {
        i++;
        flavor = arguments.get(i);
      } else {
        files.add(argument);
      }
    }
    if (files.size() != 1 || files.get(0).startsWith("-")) {
      err.println(USAGE);
      return MISUSED;
    }
    return print(Path.of(files.get(0)), flavor);
  }

  private int print(Path file, String flavor) {
    try {
      String yaml = Files.readString(file, StandardCharsets.UTF_8);
      if (DistributionFile.isOne(yaml)) {
        write(file, "", DistributionFile.translate(yaml, environment));
      } else {
        OriginalConfiguration original =
            new ConfigurationReader(environment::get).read(yaml, flavor);
        write(file, flavor, Equivalents.of(original, true));
      }
      return DONE;
    } catch (IOException e) {
      err.println(file + " cannot be read: " + e.getMessage());
    } catch (ConfigurationException e) {
      err.println(file + ": " + e.getMessage());
    }
    return FAILED;
  }

  private void write(Path file, String flavor, Translation translation) {
    out.println(
        "# What " + file + (flavor.isEmpty() ? "" : ", flavor " + flavor + ",") + " comes to.");
    if (!translation.remarks().isEmpty()) {
      out.println("# Without an equivalent, or not quite the same:");
      translation.remarks().forEach((key, text) -> out.println("#   " + key + ": " + text));
    }
    Map<String, Object> tree = new LinkedHashMap<>();
    translation.settings().forEach((name, setting) -> put(tree, name, setting.value()));
    DumperOptions options = new DumperOptions();
    options.setDefaultFlowStyle(DumperOptions.FlowStyle.BLOCK);
    options.setSplitLines(false);
    out.print(new Yaml(options).dump(tree));
  }

  // A name in brackets has dots of its own, or characters that a name without them must not have.
  private static void put(Map<String, Object> tree, String name, Object value) {
    int dot = name.indexOf('.');
    if (dot < 0 || name.startsWith("[")) {
      tree.put(name, value);
      return;
    }
    // Only this method creates values at inner names, and they are such maps.
    @SuppressWarnings("unchecked")
    Map<String, Object> deeper =
        (Map<String, Object>)
            tree.computeIfAbsent(name.substring(0, dot), unused -> new LinkedHashMap<>());
    put(deeper, name.substring(dot + 1), value);
  }
}
