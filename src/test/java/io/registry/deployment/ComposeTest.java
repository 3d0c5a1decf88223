package io.registry.deployment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import com.networknt.schema.InputFormat;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.dialect.Dialects;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.convert.DurationStyle;
import org.springframework.core.io.ClassPathResource;
import org.yaml.snakeyaml.Yaml;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What docker-compose.yml says, as far as it can be seen without an engine. */
@Tag("external")
class ComposeTest {
  private static final Path FILE = Path.of("docker-compose.yml");
  private static final Path NGINX = Path.of("examples", "nginx.conf");
  private static final List<List<String>> COMPOSE =
      List.of(List.of("docker-compose"), List.of("docker", "compose"));
  private static final JsonMapper JSON = new JsonMapper();

  private final JsonNode project;
  private final Map<String, JsonNode> services;

  ComposeTest() throws IOException {
    project = JSON.valueToTree(new Yaml().load(Files.readString(FILE)));
    services = fields(project.path("services"));
  }

  @Test
  void itFollowsTheSpecification() throws IOException {
    String schema =
        new ClassPathResource("compose/compose-spec.json")
            .getContentAsString(StandardCharsets.UTF_8);

    assertThat(
            SchemaRegistry.withDialect(Dialects.getDraft7())
                .getSchema(SchemaLocation.of("classpath:compose/"), schema, InputFormat.JSON)
                .validate(project.toString(), InputFormat.JSON))
        .isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "scale"})
  void dockerComposeUnderstandsIt(String profile) throws Exception {
    List<String> compose =
        COMPOSE.stream().filter(ComposeTest::isInstalled).findFirst().orElse(List.of());
    assumeFalse(compose.isEmpty(), "there is no docker-compose on this machine");
    Process config =
        run(compose, "--file", FILE.toString(), "--profile", profile, "config", "--quiet");

    String said = new String(config.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(config.waitFor()).as(said).isZero();
    assertThat(said).isEmpty();
  }

  @Test
  void withoutAProfileThereAreARegistryAndRedis() {
    assertThat(services.keySet().stream().filter(name -> profiles(name).isEmpty()))
        .containsExactlyInAnyOrder("registry", "redis");
    assertThat(registries())
        .containsOnlyKeys("registry", "registry-1", "registry-2")
        .allSatisfy(
            (name, registry) -> {
              assertThat(activeProfiles(registry)).contains("redis");
              String redis = environment(registry).get("SPRING_DATA_REDIS_HOST");
              assertThat(image(redis)).startsWith("redis:");
              assertThat(dependencies(registry)).contains(redis);
            });
  }

  @Test
  void theRegistriesOfTheProfileShareOneBucketOfOneStore() {
    Map<String, String> one = environment(services.get("registry-1"));
    URI endpoint = URI.create(one.getOrDefault("REGISTRY_STORAGE_S3_ENDPOINT", ""));
    JsonNode store = services.get(endpoint.getHost());

    assertThat(environment(services.get("registry-2"))).isEqualTo(one);
    assertThat(activeProfiles(services.get("registry-1"))).containsExactlyInAnyOrder("s3", "redis");
    assertThat(activeProfiles(services.get("registry"))).containsExactly("redis");
    assertThat(words(store.path("command"))).contains("-s3.port=" + endpoint.getPort());
    assertThat(environment(store))
        .containsEntry("AWS_ACCESS_KEY_ID", one.get("REGISTRY_STORAGE_S3_ACCESSKEY"))
        .containsEntry("AWS_SECRET_ACCESS_KEY", one.get("REGISTRY_STORAGE_S3_SECRETKEY"));
    assertThat(words(services.get("bucket").path("command")).toString())
        .contains("s3.bucket.create -name " + one.get("REGISTRY_STORAGE_S3_BUCKET") + "'")
        .contains("-master=" + endpoint.getHost() + ":");
    assertThat(dependencies(services.get("registry-1"))).contains("bucket");
  }

  @Test
  void everySettingOfARegistryIsOneThatItHas() throws IOException {
    Set<String> known = SettingVariables.known();

    assertThat(registries())
        .allSatisfy(
            (name, registry) -> assertThat(known).containsAll(environment(registry).keySet()))
        .anySatisfy((name, registry) -> assertThat(environment(registry)).hasSizeGreaterThan(5));
  }

  @Test
  void nginxIsBeforeBothRegistries() throws IOException {
    String configuration = Files.readString(NGINX);

    assertThat(values(configuration, "server ([a-z0-9-]+:\\d+)"))
        .containsExactlyInAnyOrder("registry-1:5000", "registry-2:5000");
    assertThat(dependencies(services.get("nginx")))
        .containsExactlyInAnyOrder("registry-1", "registry-2");
    assertThat(words(services.get("nginx").path("volumes")))
        .containsExactly("./" + NGINX + ":/etc/nginx/conf.d/default.conf:ro");
    assertThat(words(services.get("nginx").path("ports")))
        .containsExactly("5001:" + values(configuration, "listen (\\d+)").get(0));
  }

  @Test
  void noTwoServicesWantOnePortAndOnlyRegistriesAreReachable() throws IOException {
    List<String> ports =
        services.values().stream()
            .flatMap(service -> words(service.path("ports")).stream())
            .toList();

    assertThat(ports).extracting(port -> port.split(":", 2)[0]).doesNotHaveDuplicates();
    assertThat(ports).containsExactlyInAnyOrder("5000:5000", "5001:5000");
    assertThat(Dockerfile.read().last("EXPOSE").arguments()).isEqualTo("5000");
  }

  @Test
  void whatIsToBeKeptIsInAVolumeThatIsDeclared() throws IOException {
    Set<String> used = new HashSet<>();
    services.values().stream()
        .flatMap(service -> words(service.path("volumes")).stream())
        .filter(volume -> !volume.startsWith("."))
        .forEach(volume -> used.add(volume.split(":", 2)[0]));

    assertThat(fields(project.path("volumes")).keySet()).isEqualTo(used);
    assertThat(words(services.get("registry").path("volumes")))
        .containsExactly(
            "registry-data:" + Dockerfile.read().last("VOLUME").exec().get(0),
            "registry-index:" + Dockerfile.read().last("VOLUME").exec().get(1));
    assertThat(words(services.get("redis").path("volumes"))).containsExactly("redis-data:/data");
    assertThat(words(services.get("s3").path("volumes"))).containsExactly("s3-data:/data");
  }

  @Test
  void whatRunsIsOfAKnownVersionAndWatchedAndStartedAgain() {
    services.forEach(
        (name, service) -> {
          if (service.has("image")) {
            assertThat(image(name)).as(name).matches("[a-z/]+:\\d+\\.\\d+(-alpine)?");
          } else {
            assertThat(service.path("build").asString()).as(name).isEqualTo(".");
            assertThat(service.has("healthcheck")).as(name + " has that of its image").isFalse();
          }
          if (!name.equals("bucket")) {
            assertThat(service.path("restart").asString()).as(name).isEqualTo("unless-stopped");
          }
          if (service.has("image") && !name.equals("bucket")) {
            assertThat(words(service.path("healthcheck").path("test"))).as(name).startsWith("CMD");
          }
        });
  }

  @Test
  void aRegistryHasTimeToFinishItsRequests() {
    assertThat(registries().values())
        .extracting(registry -> registry.path("stop_grace_period").asString(""))
        .allSatisfy(
            period ->
                assertThat(DurationStyle.detectAndParse(period)).isGreaterThan(Defaults.drain()));
  }

  private static boolean isInstalled(List<String> compose) {
    try {
      // The first docker-compose, in Python, knows an older form of the file.
      Process version = run(compose, "version", "--short");
      String said = new String(version.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      return version.waitFor() == 0 && said.strip().matches("v?([2-9]|\\d\\d)\\..*");
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private static Process run(List<String> compose, String... arguments) throws IOException {
    List<String> command = new ArrayList<>(compose);
    command.addAll(List.of(arguments));
    return new ProcessBuilder(command).redirectErrorStream(true).start();
  }

  private Map<String, JsonNode> registries() {
    return services.entrySet().stream()
        .filter(service -> service.getValue().has("build"))
        .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
  }

  private List<String> profiles(String service) {
    return words(services.get(service).path("profiles"));
  }

  private String image(String service) {
    return services.get(service).path("image").asString();
  }

  private static List<String> activeProfiles(JsonNode registry) {
    return List.of(environment(registry).getOrDefault("SPRING_PROFILES_ACTIVE", "").split(","));
  }

  private static Set<String> dependencies(JsonNode service) {
    return fields(service.path("depends_on")).keySet();
  }

  private static Map<String, String> environment(JsonNode service) {
    return fields(service.path("environment")).entrySet().stream()
        .collect(Collectors.toMap(Map.Entry::getKey, value -> value.getValue().asString()));
  }

  private static Map<String, JsonNode> fields(JsonNode object) {
    return object
        .propertyStream()
        .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
  }

  private static List<String> words(JsonNode array) {
    return array.valueStream().map(JsonNode::asString).toList();
  }

  private static List<String> values(String text, String pattern) {
    return Pattern.compile(pattern).matcher(text).results().map(found -> found.group(1)).toList();
  }
}
