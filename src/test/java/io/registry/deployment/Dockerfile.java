package io.registry.deployment;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import tools.jackson.databind.json.JsonMapper;

/** The instructions of the Dockerfile, in their order. */
record Dockerfile(List<Instruction> instructions) {
  static final Path FILE = Path.of("Dockerfile");

  /** One instruction, on one line. */
  record Instruction(String name, String arguments) {
    List<String> words() {
      return List.of(arguments.split("\\s+"));
    }

    /** The words of the exec form, {@code ["program", "argument"]}; throws if it is no such. */
    List<String> exec() {
      return Arrays.asList(
          new JsonMapper()
              .readValue(arguments.substring(arguments.indexOf('[')).strip(), String[].class));
    }
  }

  static Dockerfile read() throws IOException {
    String text = Files.readString(FILE).replaceAll("(?m)^\\s*#.*\n", "").replace("\\\n", " ");
    return new Dockerfile(
        text.lines()
            .map(String::strip)
            .filter(line -> !line.isEmpty())
            .map(line -> line.split("\\s+", 2))
            .map(parts -> new Instruction(parts[0], parts[1]))
            .toList());
  }

  List<Instruction> all(String name) {
    return instructions.stream().filter(instruction -> instruction.name().equals(name)).toList();
  }

  /** The one that counts: the last. */
  Instruction last(String name) {
    List<Instruction> all = all(name);
    return all.get(all.size() - 1);
  }
}
