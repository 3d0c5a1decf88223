package io.registry.upstream.v2;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;

class ChallengeTest {
  private static Challenge bearer(String realm) {
    return new Challenge("bearer", Map.of("realm", realm, "service", "a b"));
  }

  @ParameterizedTest
  @CsvSource({
    "https://registry, https://auth/token",
    "https://registry, https://auth:8443/token?a=b",
    "http://registry, https://auth/token",
    "http://registry, http://registry/token"
  })
  void aPasswordMayGoToTheTokenService(URI registry, String realm) {
    assertThat(bearer(realm).tokenService(registry)).contains(URI.create(realm));
  }

  @ParameterizedTest
  @CsvSource({
    "https://registry, http://auth/token",
    "https://registry, https:///token",
    "https://registry, https://user:secret@auth/token",
    "https://registry, /token",
    "https://registry, file:///etc/passwd",
    "http://registry, ftp://auth/token",
    "https://registry, 'https://no address'",
    "https://registry, ''"
  })
  void noPasswordGoesElsewhere(URI registry, String realm) {
    assertThat(bearer(realm).tokenService(registry)).isEmpty();
  }

  @Test
  void aTokenIsAskedForWithServiceAndScope() {
    assertThat(bearer("").tokenRequest(URI.create("https://auth/t"), "repository:a/b:pull"))
        .hasToString("https://auth/t?service=a+b&scope=repository%3Aa%2Fb%3Apull");
    assertThat(bearer("").tokenRequest(URI.create("https://auth/t?x=y"), ""))
        .hasToString("https://auth/t?x=y&service=a+b");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"token\": \"t\", \"access_token\": \"other\"}|Bearer t",
        "{\"access_token\": \"t\"}|Bearer t"
      })
  void aTokenIsSentInAHeader(String answer, String header) {
    assertThat(Challenge.authorization(new JsonMapper().readTree(answer))).contains(header);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "[]",
        "{\"token\": \"\"}",
        "{\"token\": \"a\\r\\nX: b\"}",
        "{\"token\": \"a b\"}"
      })
  void whatCannotBeSentInAHeaderIsNoToken(String answer) {
    assertThat(Challenge.authorization(new JsonMapper().readTree(answer))).isEmpty();
  }

  @Test
  void bearerIsPreferredToBasic() {
    assertThat(Challenge.of(List.of("Basic realm=\"a\"", "Bearer realm=\"https://a\"")))
        .hasValueSatisfying(challenge -> assertThat(challenge.isBearer()).isTrue());
    assertThat(Challenge.of(List.of("Negotiate"))).isEmpty();
  }
}
