package io.registry.deployment;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The commands in the documents, each with what a comment before it says of how it is tried out.
 */
final class DocumentedCommands {
  private static final Pattern BLOCK =
      Pattern.compile(
          "(?:^ *<!-- (.*?) -->\\n+)?^ *```sh\\n(.*?)^ *```$", Pattern.MULTILINE | Pattern.DOTALL);

  private DocumentedCommands() {}

  /**
   * A block of commands.
   *
   * @param page where it is
   * @param comment the comment before it; empty when there is none
   * @param text the commands
   */
  record Block(Path page, String comment, String text) {
    @Override
    public String toString() {
      return page + ": " + text.lines().findFirst().orElse("");
    }
  }

  /** All pages with commands for a shell. */
  static List<Path> pages() {
    try (Stream<Path> docs = Files.walk(Path.of("docs"))) {
      return Stream.concat(Stream.of(Path.of("README.md"), Path.of("CONTRIBUTING.md")), docs)
          .filter(page -> page.toString().endsWith(".md"))
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The blocks of a page, in order. */
  static List<Block> blocks(Path page) {
    List<Block> blocks = new ArrayList<>();
    try {
      Matcher found = BLOCK.matcher(Files.readString(page));
      while (found.find()) {
        blocks.add(new Block(page, found.group(1) == null ? "" : found.group(1), found.group(2)));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return blocks;
  }
}
