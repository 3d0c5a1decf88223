package io.registry.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DockerVersionTest {
  private static final String LIMIT = "1.8.3";

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "dev",
        ".",
        "0.6.3",
        "1",
        "1.8",
        "1.8.2",
        "1.8.2-el7",
        "1.8.3-rc1",
        "1.9-rc1.9",
        "1.8.3.-1",
        "1..9",
        "-5.9",
        "-99999999999999999999",
        "1.9223372036854775808x",
        " 2",
        "-",
        "1.\u0669"
      })
  void lower(String version) {
    assertThat(DockerVersion.isLower(version, LIMIT)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "1.8.3",
        "1.8.03",
        "1.8.3.",
        "1.8.3.1",
        "1.8.10",
        "1.9",
        "1.9.0-rc1",
        "1.10.0",
        "1.12.6",
        "17.06.0-ce",
        "+1.+9",
        "2",
        "9223372036854775807",
        "9223372036854775808",
        "18446744073709551615",
        "18446744073709551616",
        "99999999999999999999999x"
      })
  void notLower(String version) {
    // A number of more than 64 bits counts as the greatest one, whatever follows its digits.
    assertThat(DockerVersion.isLower(version, LIMIT)).isFalse();
  }
}
