package io.registry.web.v2;

import io.registry.access.auth.Access;
import io.registry.access.auth.AccessToken;
import io.registry.access.auth.ConditionalOnIndexMode;
import io.registry.access.auth.IndexMode;
import io.registry.storage.BlobKey;
import io.registry.storage.BlobStorage;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.springframework.stereotype.Component;
import org.springframework.util.function.SingletonSupplier;

/**
 * Proofs that an index elsewhere let a client in, in the form of a token of V1. They give no right
 * to any repository. The key lies in the store, so that each process takes the proofs of all; where
 * the store is only read, each has a key of its own.
 */
@Component
@ConditionalOnV2
@ConditionalOnIndexMode(IndexMode.REMOTE)
final class SignInProofs {
  private static final BlobKey KEY = BlobKey.of("_v2", "sign-in-key");
  private static final int KEY_BYTES = 32;
  private static final String ALGORITHM = "HmacSHA256";
  private static final Base64.Encoder BASE64 = Base64.getUrlEncoder().withoutPadding();
  private static final Pattern SIGNATURE =
      Pattern.compile("(?:Token )?signature=p1\\.(\\d{1,12})\\.([\\w-]*)\\.([\\w-]{43}),.*");

  private final Supplier<byte[]> key;
  private final Clock clock;

  SignInProofs(BlobStorage storage, Clock clock) {
    this.key = SingletonSupplier.of(() -> key(storage));
    this.clock = clock;
  }

  private static byte[] key(BlobStorage storage) {
    byte[] fresh = new byte[KEY_BYTES];
    new SecureRandom().nextBytes(fresh);
    if (storage.isReadOnly() || storage.writeIfAbsent(KEY, fresh)) {
      return fresh;
    }
    return storage
        .read(KEY, KEY_BYTES)
        .filter(stored -> stored.length == KEY_BYTES)
        .orElseThrow(() -> new IllegalStateException("The file _v2/sign-in-key is damaged"));
  }

  /**
   * Makes a proof.
   *
   * @param user who signed in; empty for an anonymous caller
   */
  AccessToken issue(String user, Duration lifetime) {
    long expiry = clock.instant().plus(lifetime).getEpochSecond();
    String name = BASE64.encodeToString(user.getBytes(StandardCharsets.UTF_8));
    String header =
        "Token signature=p1.%d.%s.%s,repository=\"%s\",access=read"
            .formatted(expiry, name, mac(expiry, name), V2Tokens.SIGN_IN);
    return new AccessToken(header, V2Tokens.SIGN_IN, Access.READ);
  }

  /** Tells who signed in; nothing when the proof was not made here, or is too old. */
  Optional<String> verify(AccessToken token) {
    return read(token).filter(proof -> clock.instant().isBefore(proof.expiry())).map(Proof::user);
  }

  /**
   * Tells who signed in, also when the proof is too old to let the client in: only to name the
   * holder of another token that came with it. The name must not change within a push.
   */
  Optional<String> user(AccessToken token) {
    return read(token).map(Proof::user);
  }

  private record Proof(String user, Instant expiry) {}

  private Optional<Proof> read(AccessToken token) {
    Matcher parts = SIGNATURE.matcher(token.header());
    if (!parts.matches()) {
      return Optional.empty();
    }
    long expiry = Long.parseLong(parts.group(1));
    String name = parts.group(2);
    boolean isOurs =
        MessageDigest.isEqual(
            mac(expiry, name).getBytes(StandardCharsets.US_ASCII),
            parts.group(3).getBytes(StandardCharsets.US_ASCII));
    return isOurs
        ? Optional.of(
            new Proof(
                new String(Base64.getUrlDecoder().decode(name), StandardCharsets.UTF_8),
                Instant.ofEpochSecond(expiry)))
        : Optional.empty();
  }

  private String mac(long expiry, String name) {
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(new SecretKeySpec(key.get(), ALGORITHM));
      byte[] text = (expiry + "." + name).getBytes(StandardCharsets.US_ASCII);
      return BASE64.encodeToString(mac.doFinal(text));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }
}
