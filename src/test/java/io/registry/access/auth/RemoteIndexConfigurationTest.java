package io.registry.access.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.registry.platform.client.Connections;
import io.registry.platform.json.JsonCodec;
import io.registry.platform.problem.RegistryException;
import io.registry.platform.trace.Traces;
import io.registry.testkit.FakeIndex;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.ssl.SslAutoConfiguration;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.util.unit.DataSize;

/** The settings of an index elsewhere. */
@Tag("external")
class RemoteIndexConfigurationTest {
  private final ApplicationContextRunner standalone =
      new ApplicationContextRunner()
          .withConfiguration(AutoConfigurations.of(SslAutoConfiguration.class))
          .withUserConfiguration(RemoteIndexConfiguration.class, Untraced.class)
          .withBean(Clock.class, Clock::systemUTC)
          .withBean(JsonCodec.class)
          .withBean(MeterRegistry.class, SimpleMeterRegistry::new);
  private final ApplicationContextRunner remote =
      standalone.withPropertyValues("registry.index.mode=remote");

  @Configuration(proxyBeanMethods = false)
  static class Untraced {
    @Bean
    Connections connections(SslBundles bundles) {
      return new Connections(bundles, Traces.NONE);
    }
  }

  @Test
  void anIndexElsewhereIsAskedInItsModeOnly() {
    standalone.run(
        context ->
            assertThat(context)
                .hasNotFailed()
                .doesNotHaveBean(TokenVerifier.class)
                .doesNotHaveBean(RemoteIndexProperties.class));
    remote
        .withPropertyValues("registry.index.remote.endpoint=https://index.example/docker/")
        .run(
            context -> {
              assertThat(context).hasSingleBean(TokenVerifier.class);
              assertThat(context.getBean(RemoteIndexProperties.class))
                  .isEqualTo(
                      new RemoteIndexProperties(
                          "https://index.example/docker",
                          "",
                          Duration.ofSeconds(2),
                          Duration.ofSeconds(5),
                          2,
                          DataSize.ofMegabytes(16),
                          32,
                          Duration.ofSeconds(5),
                          Duration.ofSeconds(30)));
            });
  }

  @Test
  void theStartSaysThatTheIndexIsNotNamed() {
    remote.run(
        context ->
            assertThat(context)
                .getFailure()
                .rootCause()
                .hasMessageContaining("registry.index.remote")
                .hasMessageContaining("endpoint")
                .hasMessageContaining("must be the URL of the index"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://user:hunter2@index.example",
        "https://hunter2@index.example",
        "https://index.example/?hunter2",
        "https://index.example/#hunter2",
        "index.example/hunter2",
        "ftp://index.example/hunter2",
        "https:///hunter2",
        "https://index example/hunter2"
      })
  void anEndpointThatIsNoneIsRefusedAndNotRepeated(String endpoint) {
    remote
        .withPropertyValues("registry.index.remote.endpoint=" + endpoint)
        .run(
            context -> {
              assertThat(context)
                  .getFailure()
                  .rootCause()
                  .hasMessageContaining(
                      "registry.index.remote.endpoint must be an http or https URL");
              assertThat(context).getFailure().rootCause().message().doesNotContain("hunter2");
              assertThat(context).getFailure().message().doesNotContain("hunter2");
            });
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "connect-timeout=0s",
        "timeout=0s",
        "timeout=3m",
        "timeout=-1s",
        "attempts=0",
        "attempts=11",
        "answer-size=0",
        "answer-size=65MB",
        "questions=0",
        "rest=0s",
        "grants-ttl=-1s"
      })
  void aSettingThatMakesNoSenseIsRefused(String setting) {
    remote
        .withPropertyValues(
            "registry.index.remote.endpoint=http://127.0.0.1", "registry.index.remote." + setting)
        .run(
            context ->
                assertThat(context)
                    .getFailure()
                    .rootCause()
                    .hasMessageContaining("registry.index.remote"));
  }

  @Test
  void anIndexWithACertificateOfItsOwnIsTrustedByABundleOnly(@TempDir Path directory)
      throws IOException {
    try (FakeIndex index = FakeIndex.startWithTls(directory)) {
      AccessToken token = TokenHeader.token(index.issue("team/app", "read")).orElseThrow();
      ApplicationContextRunner secured =
          remote.withPropertyValues("registry.index.remote.endpoint=" + index.endpoint());
      secured.run(
          context -> {
            TokenVerifier stranger = context.getBean(TokenVerifier.class);
            assertThatThrownBy(() -> stranger.verify(token))
                .isInstanceOf(RegistryException.class)
                .hasStackTraceContaining("PKIX path building failed");
          });
      secured
          .withPropertyValues(
              "registry.index.remote.ssl-bundle=index",
              "spring.ssl.bundle.pem.index.truststore.certificate=file:" + index.certificate())
          .run(
              context ->
                  assertThat(context.getBean(TokenVerifier.class).verify(token)).isPresent());
      assertThat(index.timesAsked()).isEqualTo(1);

      secured
          .withPropertyValues("registry.index.remote.ssl-bundle=none")
          .run(context -> assertThat(context).getFailure().hasMessageContaining("none"));
    }
  }
}
