package io.registry.deployment;

import static org.assertj.core.api.Assertions.assertThat;

import io.registry.deployment.Dockerfile.Instruction;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.List;
import java.util.Objects;
import java.util.Properties;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.config.YamlPropertiesFactoryBean;
import org.springframework.core.io.ClassPathResource;

/** What the Dockerfile says, as far as it can be seen without building it. */
class DockerfileTest {
  private static final Pattern SHELL = Pattern.compile("(.*/)?(ba|da|a)?sh");

  private static final Pattern LAUNCHER_OPTION = Pattern.compile("-XX:(?!AOT)[\\w+=]+");

  private final Dockerfile file;

  DockerfileTest() throws IOException {
    file = Dockerfile.read();
  }

  @Test
  void itRunsOnARuntimeThatTheJdkHasMadeAndOnNothingElse() {
    assertThat(file.all("FROM"))
        .extracting(Instruction::arguments)
        .containsExactly(
            "--platform=$BUILDPLATFORM eclipse-temurin:25-jdk-noble AS jar",
            "eclipse-temurin:25-jdk-noble AS build",
            "scratch");
  }

  @Test
  void javaIsProcessOneAndNoShellIsNeeded() {
    assertThat(file.last("ENTRYPOINT").arguments()).startsWith("[");
    assertThat(file.last("ENTRYPOINT").exec()).startsWith("java");
    assertThat(file.all("CMD")).isEmpty();
    assertThat(file.last("HEALTHCHECK").arguments()).contains(" CMD [");
    assertThat(file.last("HEALTHCHECK").exec())
        .startsWith("java")
        .noneMatch(word -> SHELL.matcher(word).matches());
  }

  @Test
  void theHealthOfTheProgramThatRunsIsAskedByAProgramInIt() throws Exception {
    List<String> probe = file.last("HEALTHCHECK").exec();
    List<String> program = file.last("ENTRYPOINT").exec();

    assertThat(probe.get(probe.indexOf("-cp") + 1))
        .isEqualTo(program.get(program.indexOf("-jar") + 1));
    assertThat(Class.forName(probe.get(probe.size() - 1)).getMethod("main", String[].class))
        .isNotNull();
  }

  @Test
  void theUserIsANumberAndNotRootAndOwnsTheData() {
    assertThat(file.last("USER").arguments()).matches("[1-9]\\d*:[1-9]\\d*");
    String[] ids = file.last("USER").arguments().split(":", 2);
    assertThat(runOf("passwd"))
        .contains("registry:x:" + ids[0] + ":" + ids[1] + ":")
        .contains(file.last("VOLUME").exec());
    assertThat(file.last("COPY").arguments())
        .isEqualTo("--from=build --chown=" + ids[0] + ":" + ids[1] + " /registry /registry");
  }

  @Test
  void theVolumeIsWhereTheStoreIsAndThePortTheOneItListensOn() {
    YamlPropertiesFactoryBean yaml = new YamlPropertiesFactoryBean();
    yaml.setResources(new ClassPathResource("application.yml"));
    Properties defaults = Objects.requireNonNull(yaml.getObject());

    Path store =
        Path.of(file.last("WORKDIR").arguments())
            .resolve(String.valueOf(defaults.get("registry.storage.local.path")))
            .normalize();
    Path index = accounts(String.valueOf(defaults.get("spring.datasource.url")));
    assertThat(file.last("VOLUME").exec())
        .containsExactly(
            store.toString(),
            Path.of(file.last("WORKDIR").arguments()).resolve(index).normalize().toString(),
            "/tmp");
    assertThat(file.last("EXPOSE").arguments())
        .isEqualTo(String.valueOf(defaults.get("server.port")));
  }

  private static Path accounts(String url) {
    Path database = Path.of(url.replaceFirst("^jdbc:h2:file:", "").replaceFirst(";.*", ""));
    return Objects.requireNonNull(database.getParent());
  }

  @Test
  void whatAStartHasLoadedIsKeptByTheJvmThatReadsIt() {
    List<String> program = file.last("ENTRYPOINT").exec();
    String jar = program.get(program.indexOf("-jar") + 1);
    String java = file.last("ENV").words().get(0).replaceFirst("JAVA_HOME=", "") + "/bin/java";

    assertThat(program).contains("-XX:AOTCache=/app/registry.aot");
    assertThat(runOf("AOTCacheOutput"))
        .endsWith(" " + java + " -XX:AOTCacheOutput=/app/registry.aot -jar " + jar);
    assertThat(file.last("HEALTHCHECK").exec()).contains("-XX:AOTCache=/app/registry.aot");
  }

  @Test
  void itStartsWithTheOptionsThatTheLauncherHas() throws IOException {
    assertThat(file.last("ENTRYPOINT").exec())
        .filteredOn(word -> word.startsWith("-XX:") && !word.startsWith("-XX:AOTCache="))
        .containsExactlyElementsOf(
            LAUNCHER_OPTION
                .matcher(Files.readString(Path.of("packaging/registry")))
                .results()
                .map(MatchResult::group)
                .toList());
  }

  private String runOf(String part) {
    return file.all("RUN").stream()
        .map(Instruction::arguments)
        .filter(run -> run.contains(part))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void whatIsCopiedExistsAndIsSentToTheBuilder() {
    assertThat(copiedFromTheSources())
        .contains("pom.xml", "src/main")
        .allSatisfy(source -> assertThat(Path.of(source)).exists())
        .allSatisfy(source -> assertThat(isIgnored(source)).as(source).isFalse());
  }

  @Test
  void nothingElseIsSentToTheBuilder() throws IOException {
    try (Stream<Path> files = Files.list(Path.of(""))) {
      assertThat(files.map(Path::toString).filter(name -> !name.equals("src")))
          .allSatisfy(
              name ->
                  assertThat(isIgnored(name))
                      .as(name)
                      .isEqualTo(!copiedFromTheSources().contains(name)));
    }
    assertThat(isIgnored("src/test/java")).isTrue();
  }

  private List<String> copiedFromTheSources() {
    return file.all("COPY").stream()
        .filter(copy -> !copy.arguments().startsWith("--from"))
        .map(Instruction::words)
        .flatMap(words -> words.subList(0, words.size() - 1).stream())
        .toList();
  }

  /** As .dockerignore is read: the last pattern that fits the path or a folder above it decides. */
  private static boolean isIgnored(String path) {
    try {
      boolean ignored = false;
      for (String line : Files.readAllLines(Path.of(".dockerignore"))) {
        String pattern = line.strip().replaceFirst("^!", "");
        if (!pattern.isEmpty() && !pattern.startsWith("#") && fits(pattern, Path.of(path))) {
          ignored = !line.startsWith("!");
        }
      }
      return ignored;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean fits(String pattern, Path path) {
    PathMatcher matcher = FileSystems.getDefault().getPathMatcher("glob:" + pattern);
    return Stream.iterate(path, Objects::nonNull, Path::getParent).anyMatch(matcher::matches);
  }
}
