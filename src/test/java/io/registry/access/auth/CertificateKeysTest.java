package io.registry.access.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.ParseException;
import java.time.Clock;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** The keys of a {@code rootcertbundle} have the ids that OpenSSL and base32 give them. */
class CertificateKeysTest {
  private static final Path BUNDLE = Path.of("src/test/resources/tokens/rootcertbundle.pem");

  @Test
  void eachCertificateIsAKeyNamedByItsFingerprint() throws Exception {
    JWKSet keys = new KeySet(() -> Files.readString(BUNDLE), Clock.systemUTC()).keys(Duration.ZERO);

    assertThat(keys.getKeys())
        .extracting(JWK::getKeyID)
        .containsExactly(
            "NQ4P:722V:4BI2:XABZ:YGPB:5S4O:GWI6:55WV:URYO:3XZK:3B4C:VMUU",
            "N2E5:7E26:PQN2:UU32:Q7QJ:D7RI:7UAX:AT4O:MH5O:5NI3:N7BX:RKU7");
    assertThat(keys.getKeys()).noneMatch(JWK::isPrivate);
  }

  @Test
  void whatIsNoCertificateIsRefused() throws IOException {
    String cut = Files.readString(BUNDLE).replaceFirst("MII", "AAA");

    assertThatThrownBy(() -> CertificateKeys.parse(cut)).isInstanceOf(ParseException.class);
  }
}
