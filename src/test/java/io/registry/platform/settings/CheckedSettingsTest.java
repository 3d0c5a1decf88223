package io.registry.platform.settings;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.registry.platform.problem.SetupException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;

/** What is misspelt stops the start. */
class CheckedSettingsTest {
  @TempDir Path directory;

  @Configuration(proxyBeanMethods = false)
  static class Nothing {}

  @ParameterizedTest
  @CsvSource({
    "registry.storage.local.pth, registry.storage.local.path",
    "registry.storge.local.path, registry.storage.local.path",
    "registry.index.modus, registry.index.mode",
    "registry.events.webhooks.shop.ulr, registry.events.webhooks.shop.url",
    "registry.tags.immutable[0].repositorys, registry.tags.immutable[0].repositories"
  })
  void anUnknownSettingIsRefusedWithTheNearestOne(String name, String meant) {
    assertThatThrownBy(() -> start(Map.of(), "--" + name + "=x"))
        .isInstanceOf(SetupException.class)
        .hasMessageContaining(name)
        .hasMessageContaining("did you mean " + meant + "?");
  }

  @Test
  void aFileIsNamedWithTheLine() throws IOException {
    write("registry:\n  mirror:\n  index:\n    mod: embedded\n");

    assertThatThrownBy(() -> start(Map.of(), file()))
        .isInstanceOf(SetupException.class)
        .hasMessageContaining("application.yml] - 4:10")
        .hasMessageContaining("did you mean registry.index.mode?")
        .hasMessageNotContaining("registry.mirror,");
  }

  @ParameterizedTest
  @ValueSource(strings = {"REGISTRY_INDX_MODE", "REGISTRY_STORAGE_FILESYSTEM_ROOTDIRECTORY"})
  void aVariableIsNamed(String variable) {
    assertThatThrownBy(() -> start(Map.of(variable, "embedded")))
        .isInstanceOf(SetupException.class)
        .hasMessageContaining(variable);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "REGISTRY_INDEX_MODE=embedded",
        "REGISTRY_AUTH_ANONYMOUSREAD=true",
        "REGISTRY_AUTH_ANONYMOUS_READ=true",
        "REGISTRY_ENDPOINTS_0=a",
        "REGISTRY_TAGS_IMMUTABLE_0_REPOSITORIES=a",
        "REGISTRY_EVENTS_WEBHOOKS_SHOP_SSLBUNDLE=a",
        "REGISTRY_HOST=0.0.0.0",
        "REGISTRY_PORT=tcp://10.0.0.1:5000",
        "REGISTRY_PORT_5000_TCP_ADDR=10.0.0.1",
        "REGISTRY_SERVICE_PORT_HTTP=5000",
        "REGISTRY_REDIS_SERVICE_HOST=10.0.0.1",
        "REGISTRY_NAME=/web/registry",
        "REGISTRYX=y"
      })
  void aSettingAndTheAddressOfALinkedContainerAreNot(String variable) {
    String[] parts = variable.split("=", 2);
    assertThatCode(() -> start(Map.of(parts[0], parts[1]))).doesNotThrowAnyException();
  }

  @Test
  void whatIsInListsAndMapsIsKnown() throws IOException {
    write(
        """
        registry:
          endpoints: [a, b]
          tags:
            immutable:
              - repositories: [shop/*]
          events:
            webhooks:
              "[shop.front]":
                url: http://127.0.0.1:9
                ssl-bundle: x
            veto:
              headers:
                X-Any: y
          storage:
            s3:
              partSize: 8MB
        """);
    assertThatCode(() -> start(Map.of(), file())).doesNotThrowAnyException();
  }

  @Test
  void anUnknownProfileIsRefused() {
    assertThatThrownBy(() -> start(Map.of(), "--spring.profiles.active=redsi"))
        .isInstanceOf(SetupException.class)
        .hasMessageContaining("no profile redsi; did you mean redis?");
  }

  @Test
  void aProfileOfTheOperatorsOwnIsKnownByItsFileOrDocument() throws IOException {
    Files.writeString(directory.resolve("application-shop.yml"), "server:\n  port: 5001\n");
    write("spring.config.activate.on-profile: office\nserver.port: 5002\n");

    assertThatCode(() -> start(Map.of(), file(), "--spring.profiles.active=shop,office"))
        .doesNotThrowAnyException();
  }

  @ParameterizedTest
  @ValueSource(strings = {"server.port", "management.server.port"})
  void whatIsNoPortIsRefused(String name) {
    assertThatThrownBy(() -> start(Map.of(), "--" + name + "=70000"))
        .isInstanceOf(SetupException.class)
        .hasMessageContaining(name + " is 70000, which is no port");
  }

  private void write(String yaml) throws IOException {
    Files.writeString(directory.resolve("application.yml"), yaml);
  }

  private String file() {
    return "--spring.config.additional-location=" + directory.toUri();
  }

  private static void start(Map<String, Object> variables, String... arguments) {
    StandardEnvironment environment = new StandardEnvironment();
    environment
        .getPropertySources()
        .replace(
            StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME,
            new SystemEnvironmentPropertySource(
                StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME, variables));
    new SpringApplicationBuilder(Nothing.class)
        .web(WebApplicationType.NONE)
        .environment(environment)
        .run(arguments)
        .close();
  }
}
