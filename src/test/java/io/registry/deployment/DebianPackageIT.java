package io.registry.deployment;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.core.io.ClassPathResource;

/**
 * What the Debian package holds, as far as it can be seen without installing it; {@code
 * packaging/debian/test.sh} does that.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class DebianPackageIT {
  private static final String UNIT = "/usr/lib/systemd/system/docker-registry.service";
  private static final String SCRIPT = "/etc/init.d/docker-registry";
  private static final String COMMAND = "/usr/bin/docker-registry-v1";
  private static final String LAUNCHER = "/usr/share/docker-registry-v1/registry";
  private static final String VARIABLES = "/etc/default/docker-registry";
  private static final String SETTINGS = "/etc/docker-registry/application.yml";

  /** To another file, not to a heading of the same page or to another site. */
  private static final Pattern LINK = Pattern.compile("\\]\\((?![a-z]+:)([^)#\\s]+)(?:#[^)]*)?\\)");

  private static final Pattern INSTALLED =
      Pattern.compile("/usr/share/docker-registry-v1/[a-z.]+[a-z]|/usr/share/doc/[\\w/.-]+\\w");

  private final DebianPackage debian;

  DebianPackageIT() throws IOException {
    debian = DebianPackage.read();
  }

  @Test
  void itIsOfTheVersionThatWasBuiltAndRunsWhereThereIsAJava17() throws IOException {
    Properties build = new Properties();
    try (var in = new ClassPathResource("META-INF/build-info.properties").getInputStream()) {
      build.load(in);
    }

    assertThat(debian.fields())
        .containsEntry("Package", "docker-registry-v1")
        .containsEntry("Version", build.getProperty("build.version"))
        .containsEntry("Architecture", "all")
        .containsEntry("Conflicts", "docker-registry")
        .doesNotContainKeys("Replaces", "Homepage");
    assertThat(debian.fields().get("Depends"))
        .startsWith("default-jre-headless (>= 2:1.17) | java17-runtime-headless, ");
  }

  @Test
  void itInstallsTheJarAndWhatRunsItAndNothingThatOthersMayWrite() {
    assertThat(debian.files())
        .containsKeys(
            "/usr/share/docker-registry-v1/registry.jar",
            "/usr/share/man/man8/docker-registry-v1.8.gz",
            "/usr/share/doc/docker-registry-v1/copyright",
            "/usr/share/doc/docker-registry-v1/docs/configuration.md",
            "/etc/logrotate.d/docker-registry-v1");
    assertThat(debian.files())
        .allSatisfy(
            (path, file) -> {
              assertThat(file.owner()).as(path).isEqualTo("root:root");
              assertThat(Integer.toOctalString(file.mode())).as(path).isEqualTo(mode(path));
            });
    assertThat(debian.control())
        .containsOnlyKeys("control", "conffiles", "md5sums", "postinst", "postrm", "prerm");
  }

  private static String mode(String path) {
    return switch (path) {
      case COMMAND, LAUNCHER, SCRIPT -> "755";
      case VARIABLES, SETTINGS -> "640";
      default -> "644";
    };
  }

  @Test
  void whatIsBelowEtcIsTheAdministratorsAndKept() {
    assertThat(Objects.requireNonNull(debian.control().get("conffiles")).text().lines())
        .containsExactlyInAnyOrderElementsOf(
            debian.files().keySet().stream().filter(path -> path.startsWith("/etc/")).toList());
  }

  @Test
  void nothingIsSetUnlessTheAdministratorSetsIt() {
    for (String path : List.of(VARIABLES, SETTINGS)) {
      assertThat(text(path).lines())
          .as(path)
          .allMatch(line -> line.isEmpty() || line.startsWith("#"));
    }
  }

  @Test
  void systemdKeepsTheServiceFromAllThatItDoesNotNeed() {
    Map<String, String> unit = unit();

    assertThat(unit)
        .containsEntry("User", "docker-registry")
        .containsEntry("NoNewPrivileges", "yes")
        .containsEntry("ProtectSystem", "strict")
        .containsEntry("ProtectHome", "yes")
        .containsEntry("PrivateTmp", "yes")
        .containsEntry("PrivateDevices", "yes")
        .containsEntry("CapabilityBoundingSet", "")
        .containsEntry("StateDirectory", "docker-registry")
        .containsEntry("SuccessExitStatus", "143")
        .containsEntry("ExecStart", COMMAND + " start-service")
        .containsEntry("ExecStartPost", COMMAND + " await-service $MAINPID")
        .containsEntry("ExecReload", "/bin/kill -HUP $MAINPID");
    assertThat(Integer.parseInt(unit.getOrDefault("LimitNOFILE", "0")))
        .isGreaterThan(Integer.parseInt(Defaults.get("server.tomcat.max-connections")));
  }

  @Test
  void aStopWaitsLongerThanRequestsUnderWayHave() {
    Duration drain = Defaults.drain();

    assertThat(seconds(unit().getOrDefault("TimeoutStopSec", "0"))).isGreaterThan(drain);
    assertThat(seconds(first("STOP_TIMEOUT=(\\d+)", text(SCRIPT)))).isGreaterThan(drain);
    assertThat(seconds(first("STOP_TIMEOUT=(\\d+)", text(VARIABLES)))).isGreaterThan(drain);
  }

  @ParameterizedTest
  @ValueSource(strings = {"postinst", "postrm", "prerm", SCRIPT, COMMAND, LAUNCHER, VARIABLES})
  void theShellUnderstandsEveryScript(String script) throws Exception {
    DebianPackage.Member member = debian.control().get(script);
    String text = member == null ? text(script) : member.text();
    Process shell = new ProcessBuilder("/bin/sh", "-n").redirectErrorStream(true).start();
    try (OutputStream in = shell.getOutputStream()) {
      in.write(text.getBytes(StandardCharsets.UTF_8));
    }

    assertThat(shell.inputReader(StandardCharsets.UTF_8).lines()).isEmpty();
    assertThat(shell.waitFor()).isZero();
  }

  @Test
  void removingAndPurgingNeverDeletesImages() {
    assertThat(Objects.requireNonNull(debian.control().get("postrm")).text().lines())
        .filteredOn(line -> line.strip().startsWith("rm "))
        .containsExactly("  rm -rf /var/log/docker-registry /run/docker-registry");
  }

  @Test
  void everyVariableThatIsOfferedIsRead() throws IOException {
    String readers =
        text(COMMAND)
            + text(LAUNCHER)
            + text(SCRIPT)
            + Files.readString(Path.of("docs/configuration.md"));
    assertThat(
            Pattern.compile("(?m)^#([A-Z_]+)=")
                .matcher(text(VARIABLES))
                .results()
                .map(m -> m.group(1)))
        .contains("JAVA_OPTS", "SETTINGS_FLAVOR")
        .filteredOn(
            name ->
                !List.of("SETTINGS_FLAVOR", "STORAGE_PATH", "SPRING_PROFILES_ACTIVE")
                    .contains(name))
        .allSatisfy(name -> assertThat(readers).contains(name));
  }

  @Test
  void eachLinkInItsDocumentsLeadsToWhatIsInIt() {
    Set<String> dead = new TreeSet<>();
    debian
        .files()
        .forEach(
            (path, file) -> {
              if (path.endsWith(".md")) {
                LINK.matcher(file.text())
                    .results()
                    .map(link -> Path.of(path).resolveSibling(link.group(1)).normalize().toString())
                    .filter(
                        target ->
                            debian.files().keySet().stream()
                                .noneMatch(
                                    there ->
                                        there.equals(target) || there.startsWith(target + "/")))
                    .forEach(target -> dead.add(path + " -> " + target));
              }
            });

    assertThat(dead).isEmpty();
  }

  @Test
  void whatItsFilesNameIsInIt() {
    assertThat(List.of(SETTINGS, VARIABLES, COMMAND))
        .allSatisfy(
            path ->
                assertThat(INSTALLED.matcher(text(path)).results().map(MatchResult::group))
                    .isSubsetOf(debian.files().keySet()));
    assertThat(text(SETTINGS)).doesNotContain("http:", "https:");
  }

  private String text(String path) {
    return Objects.requireNonNull(debian.files().get(path), path).text();
  }

  private Map<String, String> unit() {
    return text(UNIT)
        .lines()
        .filter(line -> line.contains("=") && !line.startsWith("#"))
        .map(line -> line.split("=", 2))
        .collect(Collectors.toMap(p -> p[0], p -> p[1], (one, more) -> one + " " + more));
  }

  private static Duration seconds(String text) {
    return Duration.ofSeconds(Long.parseLong(text));
  }

  private static String first(String pattern, String text) {
    return Pattern.compile(pattern)
        .matcher(text)
        .results()
        .map(match -> match.group(1))
        .findFirst()
        .orElseThrow();
  }
}
