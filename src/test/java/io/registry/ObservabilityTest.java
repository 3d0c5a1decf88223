package io.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.registry.testkit.FakeIndex;
import io.registry.testkit.FakeSource;
import io.registry.testkit.RedisServer;
import io.registry.testkit.RegistryServer;
import io.registry.testkit.Scrape;
import io.registry.testkit.TestClient;
import io.registry.testkit.TestDatabase;
import io.registry.testkit.TestImage;
import io.registry.testkit.WebhookReceiver;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.beans.factory.config.YamlPropertiesFactoryBean;
import org.springframework.core.env.Environment;
import org.springframework.core.io.FileSystemResource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What docs/observe.md, the dashboard and the alert rules say of the metrics must be what a
 * registry exports, on which all is switched on that has any.
 */
@Tag("external")
class ObservabilityTest {
  private static final Path DIRECTORY = Path.of("docs/observability");
  private static final Pattern ROW =
      Pattern.compile(
          "^\\| `(registry\\.[a-z.]+)` \\| ([a-z ]+) \\| ([^|]*)\\|", Pattern.MULTILINE);

  private static final Pattern NAME = Pattern.compile("[a-zA-Z_:][a-zA-Z0-9_:]*");
  private static final Pattern SELECTOR =
      Pattern.compile("([a-z_][a-z0-9_]*)\\{((?:[^}\"]|\"[^\"]*\")*)}");

  private static final Pattern MATCH = Pattern.compile("([a-z_]+)(=~|!~|!=|=)\"([^\"]*)\"");
  private static final Pattern GROUPING = Pattern.compile("\\bby \\(([^)]*)\\)");

  private static final Set<String> FUNCTIONS =
      Set.of(
          "sum",
          "max",
          "by",
          "rate",
          "increase",
          "changes",
          "histogram_quantile",
          "label_values",
          "m",
          "h",
          "s");

  /** What Prometheus itself adds. */
  private static final Set<String> OF_PROMETHEUS = Set.of("job", "instance");

  /** What node_exporter exports of each file system. */
  private static final Set<String> OF_NODE_EXPORTER =
      Set.of("node_filesystem_files", "node_filesystem_files_free");

  private static final Set<String> NODE_LABELS =
      Set.of("job", "instance", "device", "fstype", "mountpoint");

  /** Values that depend on what clients and others do. */
  private static final Set<String> OPEN_LABELS =
      Set.of("job", "instance", "status", "route", "fstype");

  @TempDir private static Path directory;

  private static final List<AutoCloseable> closing = new ArrayList<>();
  private static FakeIndex index;
  private static RegistryServer server;
  private static Scrape scrape;

  @BeforeAll
  static void start() throws Exception {
    index = open(FakeIndex.start());
    FakeSource source = open(new FakeSource());
    WebhookReceiver receiver = open(WebhookReceiver.start());
    WebhookReceiver veto = open(WebhookReceiver.start());
    veto.always(WebhookReceiver.answer(200, "{\"allowed\": true}"));
    List<String> arguments = new ArrayList<>(Arrays.asList(open(RedisServer.start()).arguments()));
    arguments.addAll(
        List.of(
            "--management.server.port=0",
            "--registry.index.mode=remote",
            "--registry.index.remote.endpoint=" + index.endpoint(),
            "--registry.mirror.source=" + source.endpoint(),
            "--registry.mirror.spool=" + directory.resolve("spool"),
            "--registry.search.enabled=true",
            "--registry.v2.backfill=true",
            "--registry.check.scrub=true",
            "--registry.gc.enabled=true",
            "--registry.check.directory=" + directory.resolve("check"),
            "--registry.events.webhooks.ci.url=" + receiver.url(),
            "--registry.events.webhooks.ci.secret=secret",
            "--registry.events.veto.url=" + veto.url(),
            "--registry.events.veto.secret=secret",
            "--spring.datasource.url=" + TestDatabase.h2(directory.resolve("db"))));
    server =
        open(RegistryServer.start(directory.resolve("store"), arguments.toArray(String[]::new)));
    use(server.client(), source);
    TestClient operators =
        new TestClient(
            server
                .bean(Environment.class)
                .getRequiredProperty("local.management.port", Integer.class));
    await().until(() -> Scrape.of(operators).sum("registry_events_deliveries_total") > 0);
    scrape = Scrape.of(operators);
  }

  // Some metrics begin with the first thing that they measure.
  private static void use(TestClient client, FakeSource source) {
    TestImage image = TestImage.base("observed", "layer");
    TestImage mirrored = TestImage.base("mirrored", "another layer");
    source.serve(mirrored);
    index.list("team/app", image.id(), mirrored.id());
    String[] writing = {
      "Authorization",
      index.issue("team/app", "write"),
      "traceparent",
      "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    };
    assertThat(image.putJson(client, writing).status()).isEqualTo(200);
    assertThat(image.putLayer(client, writing).status()).isEqualTo(200);
    assertThat(image.putChecksum(client, writing).status()).isEqualTo(200);
    String tag = "/v1/repositories/team/app/tags/latest";
    assertThat(client.put(tag, '"' + image.id() + '"', writing).status()).isEqualTo(200);
    assertThat(client.get(tag, writing).status()).isEqualTo(200);
    assertThat(client.get(mirrored.path("layer"), writing).status()).isEqualTo(200);
  }

  private static <T extends AutoCloseable> T open(T resource) {
    closing.add(0, resource);
    return resource;
  }

  @AfterAll
  static void stop() throws Exception {
    for (AutoCloseable each : closing) {
      each.close();
    }
  }

  @Test
  void theManualListsEachMetricOfTheRegistryWithItsKindAndLabels() throws IOException {
    Map<String, String> written = new TreeMap<>();
    ROW.matcher(Files.readString(Path.of("docs/observe.md")))
        .results()
        .forEach(
            row ->
                written.put(
                    row.group(1),
                    row.group(2).strip() + " " + sorted(row.group(3).replace("`", ""))));
    Map<String, String> exported = new TreeMap<>();
    for (Meter meter : server.bean(MeterRegistry.class).getMeters()) {
      if (meter.getId().getName().startsWith("registry.")) {
        exported.put(
            meter.getId().getName(),
            kind(meter)
                + " "
                + sorted(
                    meter.getId().getTags().stream()
                        .map(tag -> tag.getKey())
                        .collect(Collectors.joining(","))));
      }
    }

    assertThat(exported).isEqualTo(written);
  }

  private static String kind(Meter meter) {
    String kind =
        switch (meter.getId().getType()) {
          case COUNTER -> "counter";
          case TIMER -> "timer";
          default -> "gauge";
        };
    String bucket = meter.getId().getName().replace('.', '_') + "_seconds_bucket";
    return scrape.samples().stream().anyMatch(sample -> sample.name().equals(bucket))
        ? kind + " with buckets"
        : kind;
  }

  private static Set<String> sorted(String labels) {
    return Arrays.stream(labels.split(","))
        .map(String::strip)
        .filter(label -> !label.isEmpty())
        .collect(Collectors.toCollection(TreeSet::new));
  }

  @Test
  void theDashboardAndTheRulesUseWhatIsExported() throws IOException {
    List<String> rules = rules();
    List<String> dashboard = dashboard();
    assertThat(rules).hasSizeGreaterThan(15);
    assertThat(dashboard).hasSizeGreaterThan(30);

    List<String> wrong = new ArrayList<>();
    rules.forEach(query -> check(query, wrong));
    dashboard.forEach(query -> check(query, wrong));

    assertThat(wrong).isEmpty();
  }

  @Test
  void theManualSaysWhatToDoAboutEachAlert() throws IOException {
    String manual = Files.readString(Path.of("docs/observe.md"));
    Set<String> named =
        Pattern.compile("`(Registry[A-Za-z]+)`")
            .matcher(manual.substring(manual.indexOf("## When an alert fires")))
            .results()
            .map(found -> found.group(1))
            .collect(Collectors.toSet());

    assertThat(Pattern.compile("- alert: (\\w+)").matcher(alerts()).results())
        .extracting(found -> found.group(1))
        .containsExactlyInAnyOrderElementsOf(named);
  }

  @Test
  void withoutTracesNobodyIsToldOfAny() {
    assertThat(index.questions())
        .isNotEmpty()
        .allSatisfy(question -> assertThat(question.header("traceparent")).isEmpty());
    assertThat(Thread.getAllStackTraces().keySet())
        .noneMatch(thread -> thread.getName().startsWith("BatchSpanProcessor"));
    assertThat(scrape.samples()).noneMatch(sample -> sample.name().startsWith("http_server"));
  }

  private static void check(String query, List<String> wrong) {
    Map<String, Set<String>> known = new TreeMap<>();
    scrape
        .samples()
        .forEach(
            sample ->
                known
                    .computeIfAbsent(sample.name(), name -> new HashSet<>(OF_PROMETHEUS))
                    .addAll(sample.labels().keySet()));
    known.put("up", OF_PROMETHEUS);
    OF_NODE_EXPORTER.forEach(name -> known.put(name, NODE_LABELS));
    Set<String> labels = new HashSet<>();
    Matcher name = NAME.matcher(withoutLabels(query));
    while (name.find()) {
      if (known.containsKey(name.group())) {
        labels.addAll(known.get(name.group()));
      } else if (!FUNCTIONS.contains(name.group())) {
        wrong.add("no metric " + name.group() + ": " + query);
      }
    }
    GROUPING
        .matcher(query)
        .results()
        .flatMap(grouping -> sorted(grouping.group(1)).stream())
        .filter(label -> !labels.contains(label))
        .forEach(label -> wrong.add("no label " + label + ": " + query));
    SELECTOR
        .matcher(query)
        .results()
        .forEach(selector -> checkSelector(selector, known, query, wrong));
  }

  private static void checkSelector(
      MatchResult selector, Map<String, Set<String>> known, String query, List<String> wrong) {
    String metric = selector.group(1);
    Matcher match = MATCH.matcher(selector.group(2));
    while (match.find()) {
      String label = match.group(1);
      if (!known.getOrDefault(metric, Set.of()).contains(label)) {
        wrong.add("no label " + label + " of " + metric + ": " + query);
      } else if (!OPEN_LABELS.contains(label)) {
        Set<String> values = scrape.values(metric, label);
        Arrays.stream(match.group(3).split("\\|"))
            .filter(value -> !values.contains(value))
            .forEach(value -> wrong.add("no " + label + " " + value + ": " + query));
      }
    }
  }

  private static String withoutLabels(String query) {
    return query
        .replaceAll("\\{(?:[^}\"]|\"[^\"]*\")*}", "")
        .replaceAll("\\[[^]]*]", "")
        .replaceAll("\\bby \\([^)]*\\)", "");
  }

  private static String alerts() throws IOException {
    return Files.readString(DIRECTORY.resolve("alerts.yml"));
  }

  private static List<String> rules() {
    YamlPropertiesFactoryBean yaml = new YamlPropertiesFactoryBean();
    yaml.setResources(new FileSystemResource(DIRECTORY.resolve("alerts.yml")));
    List<String> rules = new ArrayList<>();
    Map<?, ?> properties = Objects.requireNonNull(yaml.getObject());
    properties.forEach(
        (key, value) -> {
          if (String.valueOf(key).endsWith(".expr")) {
            rules.add(String.valueOf(value));
          }
        });
    return rules;
  }

  private static List<String> dashboard() throws IOException {
    JsonNode dashboard =
        new JsonMapper().readTree(Files.readString(DIRECTORY.resolve("grafana-dashboard.json")));
    List<String> queries = new ArrayList<>();
    for (JsonNode panel : dashboard.path("panels")) {
      for (JsonNode target : panel.path("targets")) {
        queries.add(target.path("expr").asString());
      }
    }
    return queries;
  }
}
