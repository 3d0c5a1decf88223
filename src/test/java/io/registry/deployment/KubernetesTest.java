package io.registry.deployment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.networknt.schema.Error;
import com.networknt.schema.InputFormat;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.dialect.Dialects;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.convert.DurationStyle;
import org.springframework.core.io.ClassPathResource;
import org.yaml.snakeyaml.Yaml;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** What deploy/kubernetes says, as far as it can be seen without a cluster. */
@Tag("external")
class KubernetesTest {
  private static final Path FOLDER = Path.of("deploy", "kubernetes");
  private static final JsonMapper JSON = new JsonMapper();

  private final String schema;
  private final JsonNode deployment;
  private final JsonNode pod;
  private final JsonNode container;

  KubernetesTest() throws IOException {
    schema =
        new ClassPathResource("kubernetes/objects.json").getContentAsString(StandardCharsets.UTF_8);
    deployment = read(FOLDER.resolve("base/deployment.yaml")).get(0);
    pod = deployment.at("/spec/template/spec");
    container = pod.at("/containers/0");
  }

  @Test
  void everyObjectFollowsTheDescriptionOfKubernetesAndHasNoOtherField() throws IOException {
    assertThat(objects()).hasSizeGreaterThan(7);
    for (JsonNode object : objects()) {
      assertThat(errors(schema, object)).as(object.toString()).isEmpty();
    }
    // A part of an object, which kustomize lays over the whole, follows it except that it is a
    // part.
    String ofParts = schema.replaceAll("\"required\": \\[[^\\]]*\\]", "\"required\": []");
    for (JsonNode patch : patches()) {
      assertThat(errors(ofParts, patch)).as(patch.toString()).isEmpty();
    }
  }

  @Test
  void aFieldThatThereIsNotWouldBeSeen() {
    ObjectNode misspelt = (ObjectNode) deployment.deepCopy();
    ((ObjectNode) misspelt.at("/spec/template/spec/containers/0/livenessProbe"))
        .put("failureTreshold", 1);

    assertThat(errors(schema, misspelt)).isNotEmpty();
  }

  @Test
  void everyFileIsInTheListOfItsFolder() throws IOException {
    for (Path list : files("kustomization.yaml")) {
      List<String> listed = new ArrayList<>(List.of("kustomization.yaml"));
      read(list)
          .get(0)
          .forEach(entries -> entries.forEach(entry -> names(entry).forEach(listed::add)));
      try (Stream<Path> there = Files.list(Objects.requireNonNull(list.getParent()))) {
        assertThat(there.map(file -> String.valueOf(file.getFileName())))
            .as(list.toString())
            .isSubsetOf(listed);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"local", "s3"})
  void kustomizePutsThemTogether(String kind, @TempDir Path folder) throws Exception {
    assumeTrue(isInstalled("kustomize"), "there is no kustomize on this machine");
    Path root = Path.of("").toAbsolutePath().resolve(FOLDER);
    Files.writeString(
        folder.resolve("kustomization.yaml"),
        "resources: ["
            + relative(folder, root.resolve(kind))
            + "]\ncomponents: ["
            + relative(folder, root.resolve("ingress"))
            + ", "
            + relative(folder, root.resolve("network-policy"))
            + "]\n");
    Process build =
        new ProcessBuilder("kustomize", "build", folder.toString())
            .redirectErrorStream(true)
            .start();
    String said = new String(build.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(build.waitFor()).as(said).isZero();

    List<JsonNode> objects = parse(said);
    assertThat(objects)
        .extracting(object -> object.path("kind").asString())
        .contains(
            "Deployment",
            "Service",
            "ServiceAccount",
            "PodDisruptionBudget",
            "Ingress",
            "NetworkPolicy");
    for (JsonNode object : objects) {
      assertThat(errors(schema, object)).as(object.toString()).isEmpty();
    }
    assertThat(
            known(environment(find(objects, "Deployment").at("/spec/template/spec/containers/0"))))
        .contains("SERVER_FORWARDHEADERSSTRATEGY", "MANAGEMENT_SERVER_PORT");
    assertThat(find(objects, "Deployment").at("/spec/template/spec/volumes").toString())
        .contains("\"tmp\"", "\"secrets\"");
  }

  @Test
  void everySettingIsOneThatThereIs() throws IOException {
    assertThat(known(environment(container))).contains("SPRING_CONFIG_IMPORT");
    Properties settings = new Properties();
    try (var in = Files.newBufferedReader(FOLDER.resolve("s3/settings.env"))) {
      settings.load(in);
    }
    assertThat(known(settings.stringPropertyNames().stream().toList()))
        .contains("REGISTRY_STORAGE_S3_BUCKET");
  }

  @Test
  void theServiceDoesNotSetTheOldVariablesOfTheRegistry() {
    assertThat(pod.path("enableServiceLinks").asBoolean(true)).isFalse();
  }

  @Test
  void itRunsAsTheUserOfTheImageAndMayDoNothingElse() throws IOException {
    String[] ids = Dockerfile.read().last("USER").arguments().split(":", 2);

    assertThat(pod.at("/securityContext/runAsUser").asString()).isEqualTo(ids[0]);
    assertThat(pod.at("/securityContext/runAsGroup").asString()).isEqualTo(ids[1]);
    assertThat(pod.at("/securityContext/fsGroup").asString()).isEqualTo(ids[1]);
    assertThat(pod.at("/securityContext/runAsNonRoot").asBoolean()).isTrue();
    assertThat(pod.at("/securityContext/seccompProfile/type").asString())
        .isEqualTo("RuntimeDefault");
    assertThat(pod.path("automountServiceAccountToken").asBoolean(true)).isFalse();
    assertThat(container.at("/securityContext").toString())
        .isEqualTo(
            "{\"allowPrivilegeEscalation\":false,\"readOnlyRootFilesystem\":true,"
                + "\"capabilities\":{\"drop\":[\"ALL\"]}}");
  }

  @Test
  void theProbesAskWhereTheHealthIsTold() {
    String port =
        StreamSupport.stream(container.path("env").spliterator(), false)
            .filter(each -> each.path("name").asString().equals("MANAGEMENT_SERVER_PORT"))
            .map(each -> each.path("value").asString())
            .findFirst()
            .orElseThrow();
    assertThat(container.at("/ports/1/containerPort").asString()).isEqualTo(port);
    assertThat(container.at("/ports/1/name").asString()).isEqualTo("management");
    Map.of("startupProbe", "liveness", "livenessProbe", "liveness", "readinessProbe", "readiness")
        .forEach(
            (probe, path) -> {
              assertThat(container.path(probe).at("/httpGet/port").asString())
                  .isEqualTo("management");
              assertThat(container.path(probe).at("/httpGet/path").asString())
                  .isEqualTo("/actuator/health/" + path);
            });
  }

  @Test
  void aStopWaitsUntilNoMoreRequestsAreSentAndThenForThoseUnderWay() {
    Duration wait =
        StreamSupport.stream(container.path("env").spliterator(), false)
            .filter(each -> each.path("name").asString().equals("REGISTRY_SHUTDOWN_DELAY"))
            .map(each -> DurationStyle.detectAndParse(each.path("value").asString()))
            .findFirst()
            .orElseThrow();

    assertThat(wait).isPositive();
    assertThat(Duration.ofSeconds(pod.path("terminationGracePeriodSeconds").asInt()))
        .isGreaterThan(Defaults.drain().plus(wait));
  }

  @Test
  void volumesAreWhereTheImageHasThemAndThePortIsThatOfTheImage() throws IOException {
    Dockerfile image = Dockerfile.read();
    JsonNode local = read(FOLDER.resolve("local/deployment.yaml")).get(0);

    JsonNode mounts = local.at("/spec/template/spec/containers/0/volumeMounts");
    assertThat(
            Stream.of(mounts, container.path("volumeMounts"))
                .flatMap(list -> StreamSupport.stream(list.spliterator(), false))
                .map(mount -> mount.path("mountPath").asString()))
        .containsAll(image.last("VOLUME").exec());
    assertThat(container.at("/ports/0/containerPort").asString())
        .isEqualTo(image.last("EXPOSE").arguments());
  }

  @Test
  void everySelectorFindsThePod() throws IOException {
    JsonNode labels = deployment.at("/spec/template/metadata/labels");
    Map<String, String> selectors =
        Map.of(
            "Deployment", "/spec/selector/matchLabels",
            "Service", "/spec/selector",
            "PodDisruptionBudget", "/spec/selector/matchLabels",
            "NetworkPolicy", "/spec/podSelector/matchLabels");

    selectors.forEach(
        (kind, path) -> assertThat(find(all(), kind).at(path)).as(kind).isEqualTo(labels));
  }

  private List<JsonNode> all() {
    try {
      return objects();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<JsonNode> objects() throws IOException {
    List<JsonNode> objects = new ArrayList<>();
    for (Path list : files("kustomization.yaml")) {
      for (JsonNode name : read(list).get(0).path("resources")) {
        if (name.asString().endsWith(".yaml")) {
          objects.addAll(read(list.resolveSibling(name.asString())));
        }
      }
    }
    return objects;
  }

  private static List<JsonNode> patches() throws IOException {
    List<JsonNode> patches = new ArrayList<>();
    for (Path list : files("kustomization.yaml")) {
      for (JsonNode patch : read(list).get(0).path("patches")) {
        patches.addAll(read(list.resolveSibling(patch.path("path").asString())));
      }
    }
    return patches;
  }

  private static List<Path> files(String name) throws IOException {
    try (Stream<Path> files = Files.walk(FOLDER)) {
      return files.filter(file -> file.endsWith(name)).sorted().toList();
    }
  }

  private static Stream<String> names(JsonNode entry) {
    if (entry.isString()) {
      return Stream.of(entry.asString());
    }
    return Stream.concat(
        Stream.of(entry.path("path").asString("")),
        StreamSupport.stream(entry.path("envs").spliterator(), false).map(JsonNode::asString));
  }

  private static List<Error> errors(String schema, JsonNode object) {
    return SchemaRegistry.withDialect(Dialects.getDraft7())
        .getSchema(schema, InputFormat.JSON)
        .validate(object.toString(), InputFormat.JSON);
  }

  private static List<String> known(List<String> variables) throws IOException {
    assertThat(SettingVariables.known()).containsAll(variables);
    return variables;
  }

  private static List<String> environment(JsonNode container) {
    return StreamSupport.stream(container.path("env").spliterator(), false)
        .map(each -> each.path("name").asString())
        .toList();
  }

  private static JsonNode find(List<JsonNode> objects, String kind) {
    return objects.stream()
        .filter(object -> object.path("kind").asString().equals(kind))
        .findFirst()
        .orElseThrow();
  }

  private static List<JsonNode> read(Path file) throws IOException {
    return parse(Files.readString(file));
  }

  private static List<JsonNode> parse(String yaml) {
    List<JsonNode> documents = new ArrayList<>();
    new Yaml().loadAll(yaml).forEach(each -> documents.add(JSON.valueToTree(each)));
    return documents;
  }

  private static String relative(Path from, Path to) throws IOException {
    return from.toRealPath().relativize(to.toRealPath()).toString();
  }

  private static boolean isInstalled(String program) {
    return Stream.of(Objects.requireNonNullElse(System.getenv("PATH"), "").split(":", -1))
        .anyMatch(directory -> Files.isExecutable(Path.of(directory, program)));
  }
}
