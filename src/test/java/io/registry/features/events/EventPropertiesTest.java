package io.registry.features.events;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.http.HttpClient;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

/** Which settings make sense, and what of them may be printed. */
class EventPropertiesTest {
  private static final String SECRET = "s3cret-do-not-tell";

  @ParameterizedTest
  @ValueSource(
      strings = {
        "webhooks.ci.events=repository-made-public",
        "webhooks.ci.events=push",
        "webhooks.ci.url=ftp://example.org/",
        "webhooks.ci.url=http://user:s3cret-do-not-tell@example.org/",
        "webhooks.ci.url=nonsense",
        "webhooks.ci.timeout=0",
        "webhooks.ci.connect-timeout=3m",
        "webhooks.ci.backoff=0",
        "webhooks.ci.backoff-max=1ms",
        "webhooks.ci.give-up-after=-1s",
        "webhooks.c_i.url=http://example.org/"
      })
  void aWebhookThatMakesNoSenseIsRefused(String wrong) {
    assertThatThrownBy(() -> bind(EventProperties.class, "registry.events", wrong))
        .satisfies(
            failure -> {
              for (Throwable each = failure; each != null; each = each.getCause()) {
                if (each instanceof IllegalArgumentException) {
                  assertThat(each.getMessage()).doesNotContain(SECRET);
                }
              }
            });
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "url=ftp://example.org/",
        "url=http://user@example.org/",
        "about=",
        "timeout=0",
        "timeout=2m",
        "rest=0",
        "on-failure=maybe"
      })
  void aVetoHookThatMakesNoSenseIsRefused(String wrong) {
    assertThatThrownBy(() -> bind(VetoProperties.class, "registry.events.veto", wrong))
        .isInstanceOf(RuntimeException.class);
  }

  @Test
  void partsOfAWebhookMayComeFromSeveralPlaces() {
    EventProperties settings =
        bind(
            EventProperties.class,
            "registry.events",
            "webhooks.ci.secret=" + SECRET,
            "webhooks.ci.headers.Authorization=Bearer " + SECRET);

    WebhookProperties webhook = Objects.requireNonNull(settings.webhooks().get("ci"));
    assertThat(webhook.target().secret()).isEqualTo(SECRET);
    assertThat(webhook.target().headers()).containsEntry("Authorization", "Bearer " + SECRET);
    assertThat(webhook.events())
        .containsExactlyInAnyOrder(
            EventKind.TAG_SET, EventKind.TAG_REMOVED, EventKind.REPOSITORY_REMOVED);
    assertThat(settings.toString() + webhook.target()).doesNotContain(SECRET, "example.org");
    VetoProperties veto =
        bind(
            VetoProperties.class,
            "registry.events.veto",
            "url=http://a/" + SECRET,
            "secret=" + SECRET);
    assertThat(veto.toString() + veto.target()).doesNotContain(SECRET);
  }

  @Test
  void aHeaderThatIsNotForSettingsIsRefusedAtTheStart() {
    PostTarget target =
        new PostTarget("http://a/", "", Map.of("Host", "example.org"), Duration.ofSeconds(1));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new SignedPost(HttpClient::newHttpClient, target, 100, Clock.systemUTC()))
        .withMessageContaining("Host");
  }

  private static <T> T bind(Class<T> type, String prefix, String... settings) {
    Map<String, String> all = new HashMap<>();
    all.put("registry.events.webhooks.ci.url", "http://example.org/");
    for (String setting : settings) {
      int equals = setting.indexOf('=');
      all.put(prefix + "." + setting.substring(0, equals), setting.substring(equals + 1));
    }
    return new Binder(new MapConfigurationPropertySource(all)).bind(prefix, type).get();
  }
}
