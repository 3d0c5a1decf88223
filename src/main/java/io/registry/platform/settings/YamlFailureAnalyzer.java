package io.registry.platform.settings;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Stream;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.core.env.SimpleCommandLinePropertySource;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.io.Resource;
import org.springframework.core.io.support.PathMatchingResourcePatternResolver;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.error.MarkedYAMLException;

/**
 * Reports which file contains invalid YAML, and where. The exception does not name the file, so
 * that the candidates are parsed again. The line itself is not printed, because it may contain a
 * secret.
 */
class YamlFailureAnalyzer extends AbstractFailureAnalyzer<MarkedYAMLException> {

  @Override
  protected FailureAnalysis analyze(Throwable failure, MarkedYAMLException cause) {
    return new FailureAnalysis(
        "%s is no YAML: %s at %s"
            .formatted(
                candidates()
                    .filter(file -> place(file).filter(place(cause)::equals).isPresent())
                    .map(Resource::getDescription)
                    .findFirst()
                    .orElse("A file with settings"),
                cause.getProblem(),
                place(cause)),
        "Correct that line or the one before it: lines of one level begin in the same column, no"
            + " tab stands before a name, and a quote that begins also ends",
        cause);
  }

  private static String place(MarkedYAMLException failure) {
    Optional<Mark> mark = Optional.ofNullable(failure.getProblemMark());
    return mark.map(at -> "line " + (at.getLine() + 1) + ", column " + (at.getColumn() + 1))
        .orElse("a place that is not known");
  }

  // The application context, which would have the settings, does not exist yet.
  private static Stream<Resource> candidates() {
    StandardEnvironment environment = new StandardEnvironment();
    String[] arguments = ProcessHandle.current().info().arguments().orElse(new String[0]);
    environment.getPropertySources().addFirst(new SimpleCommandLinePropertySource(arguments));
    return Stream.of(
            environment.getProperty("spring.config.location", "file:./,file:./config/"),
            environment.getProperty("spring.config.additional-location", ""))
        .flatMap(locations -> Arrays.stream(locations.split("[,;]")))
        .map(location -> location.replaceFirst("^optional:", ""))
        .map(location -> location.contains(":") ? location : "file:" + location)
        .map(location -> location.endsWith("/") ? location + "application*.y*ml" : location)
        .flatMap(YamlFailureAnalyzer::find);
  }

  private static Stream<Resource> find(String pattern) {
    try {
      return Arrays.stream(new PathMatchingResourcePatternResolver().getResources(pattern));
    } catch (IOException e) {
      return Stream.empty();
    }
  }

  private static Optional<String> place(Resource file) {
    try (InputStream in = file.getInputStream()) {
      new Yaml(new SafeConstructor(new LoaderOptions())).loadAll(in).forEach(document -> {});
      return Optional.empty();
    } catch (MarkedYAMLException e) {
      return Optional.of(place(e));
    } catch (IOException e) {
      return Optional.empty();
    }
  }
}
