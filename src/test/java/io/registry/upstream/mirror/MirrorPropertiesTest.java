package io.registry.upstream.mirror;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

/** The settings of a mirror. */
class MirrorPropertiesTest {
  private static final String SECRET = "secret word";

  private static MirrorProperties bind(String... settings) {
    Map<String, String> all = new TreeMap<>();
    for (String setting : settings) {
      String[] parts = setting.split("=", 2);
      all.put("registry.mirror." + parts[0], parts[1]);
    }
    return new Binder(new MapConfigurationPropertySource(all))
        .bindOrCreate("registry.mirror", MirrorProperties.class);
  }

  @Test
  void whatIsNotSetHasADefault() {
    MirrorProperties settings = bind("source=https://registry.example.com/docker/");

    assertThat(settings.source()).isEqualTo("https://registry.example.com/docker");
    assertThat(settings.index()).isEqualTo(settings.source());
    assertThat(settings.pushes()).isEqualTo(Pushes.LOCAL);
    assertThat(settings.tagsTtl()).isEqualTo(Duration.ofMinutes(5));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "source=ftp://x",
        "source=http://u:secret word@x",
        "source=http://x?q",
        "source-index=nonsense",
        "username=a:b",
        "username=",
        "token=t",
        "timeout=0s",
        "connect-timeout=0s",
        "idle-timeout=-1s",
        "layer-timeout=0s",
        "rest=0s",
        "tags-ttl=-1s",
        "last-known=-1s",
        "answer-size=65MB",
        "spool-size=0"
      })
  void whatMakesNoSenseIsRefusedWithoutTellingSecrets(String setting) {
    assertThatThrownBy(() -> bind("username=u", "password=" + SECRET, setting))
        .rootCause()
        .hasMessageStartingWith("registry.mirror.")
        .hasMessageNotContaining(SECRET);
  }

  @Test
  void nothingTellsSecretsAsText() {
    MirrorProperties settings = bind("source=http://x", "username=u", "password=" + SECRET);

    assertThat(settings.toString()).doesNotContain(SECRET);
    assertThat(Credentials.of(settings).toString()).isEqualTo("Credentials");
  }
}
