package io.registry.operations.migration;

import io.registry.operations.command.Command;
import io.registry.operations.command.CommandLine;
import io.registry.operations.command.CommandLine.Syntax;
import io.registry.operations.command.Console;
import io.registry.operations.command.ExitStatus;
import io.registry.operations.command.MisuseException;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.yaml.snakeyaml.DumperOptions;
import org.yaml.snakeyaml.Yaml;

/**
 * {@code java -jar registry.jar import-config FILE [--flavor NAME]}: translates a configuration
 * file of the original, or of CNCF Distribution, to an {@code application.yml}, and lists what has
 * no equivalent.
 */
public final class ImportConfig implements Command {
  private static final String FLAVOR = "--flavor";

  private final Map<String, String> environment;

  /**
   * Creates the command.
   *
   * @param environment the variables that the file may refer to
   */
  public ImportConfig(Map<String, String> environment) {
    this.environment = Map.copyOf(environment);
  }

  @Override
  public String name() {
    return "import-config";
  }

  @Override
  public String summary() {
    return "prints the application.yml that a config.yml of docker-registry comes to";
  }

  @Override
  public String usage() {
    return "usage: java -jar registry.jar import-config FILE [--flavor NAME]\n";
  }

  @Override
  public Syntax syntax() {
    return new Syntax(true, Set.of(), Set.of(FLAVOR));
  }

  @Override
  public ExitStatus run(CommandLine line, Console console) {
    if (line.words().size() != 1 || line.words().get(0).startsWith("-")) {
      throw new MisuseException("Name one file");
    }
    // The original's own default (protocol 8.1). An empty flavor is the whole file.
    String flavor =
        line.values().getOrDefault(FLAVOR, environment.getOrDefault("SETTINGS_FLAVOR", "dev"));
    return print(Path.of(line.words().get(0)), flavor, console);
  }

  private ExitStatus print(Path file, String flavor, Console console) {
    try {
      String yaml = Files.readString(file, StandardCharsets.UTF_8);
      if (DistributionFile.isOne(yaml)) {
        write(file, "", DistributionFile.translate(yaml, environment), console.out());
      } else {
        OriginalConfiguration original =
            new ConfigurationReader(environment::get).read(yaml, flavor);
        write(file, flavor, Equivalents.of(original, true), console.out());
      }
      return ExitStatus.DONE;
    } catch (IOException e) {
      console.err().println(file + " cannot be read: " + e.getMessage());
    } catch (ConfigurationException e) {
      console.err().println(file + ": " + e.getMessage());
    }
    return ExitStatus.PROBLEMS;
  }

  private static void write(Path file, String flavor, Translation translation, PrintStream out) {
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
