package io.registry.access.auth;

import com.nimbusds.jose.KeySourceException;
import com.nimbusds.jose.RemoteKeySourceException;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSelector;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.source.JWKSource;
import com.nimbusds.jose.proc.SecurityContext;
import java.io.IOException;
import java.text.ParseException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The public keys of a token service elsewhere. They are read anew from time to time, and when a
 * token names another key: a service may change its keys. While they cannot be read, those that are
 * known count.
 */
final class KeySet implements JWKSource<SecurityContext> {
  private static final Logger log = LoggerFactory.getLogger(KeySet.class);
  private static final Duration FRESH = Duration.ofMinutes(5);

  /** Clients may name any key, and as often as they like. */
  private static final Duration PAUSE = Duration.ofSeconds(10);

  private static final String CERTIFICATE = "-----BEGIN CERTIFICATE-----";

  private final Reader reader;
  private final Clock clock;
  private @Nullable JWKSet keys;
  private Instant asked = Instant.MIN;

  /** Reads the text of the set. */
  @FunctionalInterface
  interface Reader {
    String read() throws IOException;
  }

  KeySet(Reader reader, Clock clock) {
    this.reader = reader;
    this.clock = clock;
  }

  @Override
  public List<JWK> get(JWKSelector selector, @Nullable SecurityContext context)
      throws KeySourceException {
    List<JWK> found = selector.select(keys(FRESH));
    return found.isEmpty() ? selector.select(keys(PAUSE)) : found;
  }

  /**
   * The keys.
   *
   * @param age so old they may be
   * @throws RemoteKeySourceException when there are none
   */
  synchronized JWKSet keys(Duration age) throws RemoteKeySourceException {
    Instant now = clock.instant();
    JWKSet known = keys;
    if (asked.isAfter(now.minus(known == null ? Duration.ofSeconds(1) : age))) {
      return known == null ? none(null) : known;
    }
    asked = now;
    try {
      JWKSet read = parse(reader.read());
      if (read.getKeys().stream().allMatch(JWK::isPrivate)) {
        throw new IOException("it holds no public key");
      }
      keys = read.toPublicJWKSet();
      return read.toPublicJWKSet();
    } catch (IOException | ParseException e) {
      log.warn("The keys of registry.v2.token.jwks cannot be read: {}", e.getMessage());
      return known == null ? none(e) : known;
    }
  }

  // Certificates in PEM are what Distribution calls rootcertbundle.
  private static JWKSet parse(String text) throws ParseException {
    return text.contains(CERTIFICATE) ? CertificateKeys.parse(text) : JWKSet.parse(text);
  }

  private static JWKSet none(@Nullable Exception cause) throws RemoteKeySourceException {
    throw new RemoteKeySourceException("The keys of the token service are not known", cause);
  }
}
