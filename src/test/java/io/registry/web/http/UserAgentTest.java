package io.registry.web.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.registry.testkit.RandomCases;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UserAgentTest {

  @Test
  void aDaemonSaysWhatItIs() {
    assertThat(
            UserAgent.parse(
                    "docker/1.6.0 go/go1.4.2 git-commit/4749651 kernel/3.16.0-4-amd64 os/Linux"
                        + " arch/AMD64")
                .values())
        .isEqualTo(
            Map.of(
                "docker_version", "1.6.0",
                "docker_go_version", "go1.4.2",
                "kernel", "3.16.0-4-amd64",
                "os", "linux",
                "arch", "amd64"));
  }

  // As the original answered to exactly this header.
  @Test
  void anOddHeaderIsReadAsFarAsItGoes() {
    assertThat(UserAgent.parse("docker/ go/x/y os/\u00e9 arch/ARM\tkernel/4").values())
        .isEqualTo(Map.of("arch", "arm", "docker_go_version", "x", "kernel", "4", "os", "\u00e9"));
  }

  @Test
  void theClientBehindADaemonIsNotTheDaemon() {
    assertThat(
            UserAgent.parse(
                    "docker/1.12.6 go/go1.6.4 os/linux"
                        + " UpstreamClient(Docker-Client/1.12.6 \\(linux\\))")
                .values())
        .containsEntry("docker_version", "1.12.6")
        .hasSize(3);
  }

  @Test
  void theLastOfTwoCounts() {
    assertThat(UserAgent.parse("docker/1 docker/2").values())
        .isEqualTo(Map.of("docker_version", "2"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "/",
        "//",
        "docker",
        "docker/",
        "/docker",
        "Docker/1.0",
        "curl/7.1",
        "x/docker/1",
        "Go 1.1 package http",
        "git-commit/4749651"
      })
  void otherClientsSayNothing(String userAgent) {
    assertThat(UserAgent.parse(userAgent).values()).isEmpty();
  }

  @Test
  void anyHeaderIsRead() {
    Set<String> names = Set.of("arch", "docker_go_version", "docker_version", "kernel", "os");
    RandomCases.check(
        20_000,
        random -> {
          String text =
              random.nextBoolean()
                  ? RandomCases.anyText(random, 20)
                  : "docker/" + RandomCases.text(random, 20, "go/os \tarch");
          assertThat(UserAgent.parse(text).values())
              .allSatisfy(
                  (name, value) -> {
                    assertThat(names).contains(name);
                    assertThat(text.toLowerCase(java.util.Locale.ROOT))
                        .contains(value.toLowerCase(java.util.Locale.ROOT));
                    assertThat(value).isNotEmpty().doesNotContain("/", " ", "\t");
                  });
        });
  }
}
