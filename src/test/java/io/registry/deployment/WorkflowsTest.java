package io.registry.deployment;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.yaml.snakeyaml.Yaml;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What the workflows of GitHub may do, as far as it can be seen without GitHub. */
class WorkflowsTest {
  private static final Path FOLDER = Path.of(".github", "workflows");
  private static final Pattern SCRIPT =
      Pattern.compile("(?m)(?:^|\\s)((?:\\.ci|packaging|examples|bench)/\\S+)");
  private static final JsonMapper JSON = new JsonMapper();

  @Test
  void nobodyMayWriteUnlessTheJobIsForThat() throws IOException {
    for (Path file : workflows()) {
      JsonNode workflow = read(file);
      assertThat(workflow.path("permissions").toString()).isEqualTo("{\"contents\":\"read\"}");
      workflow
          .path("jobs")
          .forEachEntry(
              (name, job) ->
                  assertThat(job.path("permissions").toString())
                      .as(file + ", " + name)
                      .isEqualTo(
                          switch (name) {
                            case "image" -> "{\"contents\":\"read\",\"packages\":\"write\"}";
                            case "publish" -> "{\"contents\":\"write\",\"packages\":\"write\"}";
                            default -> "";
                          }));
    }
  }

  @Test
  void everyActionIsOfAVersionAndNoneKeepsItsKey() throws IOException {
    for (JsonNode step : steps()) {
      String action = step.path("uses").asString("");
      if (!action.isEmpty()) {
        assertThat(action).matches("[a-z-]+/[a-z-]+@v\\d+(\\.\\d+)*");
      }
      if (action.startsWith("actions/checkout@")) {
        assertThat(step.at("/with/persist-credentials").asBoolean(true)).isFalse();
      }
    }
  }

  @Test
  void everyJobEnds() throws IOException {
    for (Path file : workflows()) {
      read(file)
          .path("jobs")
          .forEachEntry(
              (name, job) ->
                  assertThat(job.path("timeout-minutes").asInt(0)).as(name).isBetween(1, 60));
    }
  }

  @Test
  void whatOthersMayNameIsNeverPutIntoAScript() throws IOException {
    for (JsonNode step : steps()) {
      assertThat(step.path("run").asString("")).doesNotContain("${{");
    }
  }

  @Test
  void theScriptsThatAreCalledAreThere() throws IOException {
    List<String> scripts =
        steps().stream()
            .flatMap(step -> SCRIPT.matcher(step.path("run").asString("")).results())
            .map(match -> match.group(1))
            .toList();

    assertThat(scripts).contains(".ci/run", "packaging/reproducible.sh", "examples/push-pull.sh");
    assertThat(scripts).allSatisfy(script -> assertThat(Path.of(script)).isExecutable());
  }

  @Test
  void nothingIsPublishedThatWasNotVerified() throws IOException {
    JsonNode jobs = read(FOLDER.resolve("release.yml")).path("jobs");

    assertThat(jobs.at("/build/steps").toString()).contains(".ci/run", "packaging/reproducible.sh");
    assertThat(needs(jobs, "vulnerabilities")).contains("build");
    assertThat(needs(jobs, "image")).contains("build", "vulnerabilities");
    assertThat(needs(jobs, "publish")).contains("image");
  }

  @Test
  void whatIsPublishedHasTheNamesThatTheDocumentsSay() throws IOException {
    JsonNode release = read(FOLDER.resolve("release.yml"));
    String image = release.at("/env/IMAGE").asString();

    assertThat(image).isEqualTo("ghcr.io/${{ github.repository_owner }}/registry");
    for (String page : List.of("README.md", "docs/install.md")) {
      assertThat(Files.readString(Path.of(page)))
          .as(page)
          .contains(image.replaceFirst("\\$.*}", "OWNER") + ":");
    }
    assertThat(release.at("/jobs/build/steps").toString())
        .contains("target/registry.jar", "target/registry release/", "docker-registry-v1_");
    assertThat(release.at("/jobs/image/strategy/matrix/include").toString())
        .contains("amd64", "arm64");
  }

  private static String needs(JsonNode jobs, String job) {
    return jobs.path(job).path("needs").toString();
  }

  private static List<JsonNode> steps() throws IOException {
    List<JsonNode> steps = new ArrayList<>();
    for (Path file : workflows()) {
      read(file).path("jobs").forEach(job -> job.path("steps").forEach(steps::add));
    }
    assertThat(steps).hasSizeGreaterThan(10);
    return steps;
  }

  private static List<Path> workflows() throws IOException {
    try (Stream<Path> files = Files.list(FOLDER)) {
      return files.sorted().toList();
    }
  }

  private static JsonNode read(Path file) throws IOException {
    Map<Object, Object> document = new Yaml().load(Files.readString(file));
    // To YAML 1.1, "on" is true.
    document.remove(true);
    return JSON.valueToTree(document);
  }
}
