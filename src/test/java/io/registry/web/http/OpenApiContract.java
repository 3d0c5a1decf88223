package io.registry.web.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A document has all the routes of the controllers beside the test, and no others. */
public abstract class OpenApiContract {
  private static final Path CLASSES = Path.of("target/classes");
  private static final Pattern PARAMETER = Pattern.compile("\\{([a-z]+)}");
  private static final Pattern REFERENCE = Pattern.compile("\"\\$ref\":\"#([^\"]+)\"");

  private final JsonNode document;

  /** The document of that file. */
  protected OpenApiContract(String file) {
    try {
      document = new JsonMapper().readTree(Files.readString(Path.of(file)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void theDocumentHasTheRoutesOfTheControllers() throws Exception {
    Set<String> described = new TreeSet<>();
    document
        .path("paths")
        .properties()
        .forEach(
            path ->
                path.getValue()
                    .propertyNames()
                    .forEach(
                        method ->
                            described.add(method.toUpperCase(Locale.ROOT) + " " + path.getKey())));

    assertThat(described).isEqualTo(routes());
  }

  @Test
  void eachOperationSaysWhatItTakesAndGives() {
    Set<String> ids = new TreeSet<>();
    for (Map.Entry<String, JsonNode> path : document.path("paths").properties()) {
      for (JsonNode operation : path.getValue()) {
        String id = operation.path("operationId").asString();
        assertThat(ids.add(id)).as(id).isTrue();
        assertThat(operation.path("summary").asString()).as(id).isNotBlank();
        assertThat(parameters(operation)).as(id).containsAll(names(path.getKey()));
        assertThat(operation.path("responses").propertyNames())
            .as(id)
            .anyMatch(status -> status.startsWith("2"));
      }
    }
  }

  @Test
  void whatIsReferredToIsThere() {
    List<String> references =
        REFERENCE.matcher(document.toString()).results().map(found -> found.group(1)).toList();

    assertThat(references)
        .hasSizeGreaterThan(20)
        .allSatisfy(
            reference ->
                assertThat(document.at(reference).isMissingNode()).as(reference).isFalse());
  }

  private static Set<String> names(String path) {
    return PARAMETER
        .matcher(path)
        .results()
        .map((MatchResult found) -> found.group(1))
        .collect(Collectors.toSet());
  }

  private List<String> parameters(JsonNode operation) {
    return operation
        .path("parameters")
        .valueStream()
        .map(
            parameter ->
                parameter.has("$ref")
                    ? document.at(parameter.path("$ref").asString().substring(1))
                    : parameter)
        .filter(parameter -> parameter.path("in").asString().equals("path"))
        .map(parameter -> parameter.path("name").asString())
        .toList();
  }

  private Set<String> routes() throws Exception {
    Set<String> routes = new TreeSet<>();
    Path folder = CLASSES.resolve(getClass().getPackageName().replace('.', '/'));
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file :
          files.filter(each -> each.toString().endsWith("Controller.class")).toList()) {
        Class<?> type =
            Class.forName(
                CLASSES
                    .relativize(file)
                    .toString()
                    .replace('/', '.')
                    .replaceFirst("\\.class$", ""));
        if (type.isAnnotationPresent(RestController.class)) {
          Arrays.stream(type.getDeclaredMethods())
              .flatMap(OpenApiContract::routes)
              .forEach(routes::add);
        }
      }
    }
    return routes;
  }

  private static Stream<String> routes(Method method) {
    RequestMapping mapping =
        AnnotatedElementUtils.findMergedAnnotation(method, RequestMapping.class);
    return mapping == null
        ? Stream.empty()
        : Arrays.stream(mapping.method())
            .flatMap(verb -> Arrays.stream(mapping.path()).map(path -> verb + " " + path));
  }
}
