package io.registry.access.auth;

import io.registry.platform.problem.SetupException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.Signature;
import java.security.SignatureException;
import java.security.interfaces.RSAPublicKey;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** The privileged keys: their owners may do everything by signing their requests (protocol 4.5). */
public final class PrivilegedKeys {
  // Both are tried. A signature contains the name of its hash, so that only one can match.
  private static final List<String> ALGORITHMS = List.of("SHA256withRSA", "SHA1withRSA");

  private final SignatureWindow window;
  private volatile Rules rules;

  /** The current keys and whether a signature needs a date. */
  private record Rules(Map<String, RSAPublicKey> keys, boolean requireDate) {}

  private PrivilegedKeys(Rules rules, SignatureWindow window) {
    this.rules = rules;
    this.window = window;
  }

  /**
   * Loads the keys.
   *
   * @param settings where the keys are, and what their signatures must look like
   * @param clock the clock that dates are compared with
   * @throws SetupException when a key cannot be used
   */
  static PrivilegedKeys load(PrivilegedKeyProperties settings, Clock clock) {
    return new PrivilegedKeys(
        read(settings), new SignatureWindow(clock, settings.signatureWindow()));
  }

  /**
   * Prepares a reload of the keys. The memory of used signatures stays, and so does the window.
   *
   * @param settings where the keys are
   * @return the action that puts the new keys into effect; empty when nothing has changed
   * @throws SetupException when a key cannot be used
   */
  public Optional<Runnable> prepare(PrivilegedKeyProperties settings) {
    Rules next = read(settings);
    return next.equals(rules) ? Optional.empty() : Optional.of(() -> rules = next);
  }

  /** The names of the current keys. */
  public List<String> names() {
    return List.copyOf(rules.keys().keySet());
  }

  private static Rules read(PrivilegedKeyProperties settings) {
    Map<String, RSAPublicKey> keys = new LinkedHashMap<>();
    for (Path file : settings.privilegedKeys()) {
      String name = String.valueOf(file.getFileName());
      if (keys.put(name, PublicKeyFile.read(file)) != null) {
        throw new SetupException(
            "Two files of registry.auth.privileged-keys are named " + name,
            "Rename one of them: the audit tells keys apart by the names of their files");
      }
    }
    return new Rules(keys, settings.requireSignedDate());
  }

  /**
   * Verifies the signature of a request. A dated signature is accepted only once: do not check a
   * request twice.
   *
   * @param request the signed parts of the request
   * @return the owner of the key, or why the signature is not accepted
   */
  public PrivilegedSignature check(SignedRequest request) {
    Rules now = rules;
    List<String> headers = request.signatures();
    if (headers.isEmpty() || now.keys().isEmpty()) {
      return new PrivilegedSignature.None();
    }
    Optional<byte[]> signature =
        headers.size() == 1 ? SignatureHeader.parse(headers.get(0)) : Optional.empty();
    if (signature.isEmpty()) {
      return new PrivilegedSignature.Malformed("The X-Signature is not of the form data=BASE64");
    }
    if (request.isAmbiguous()) {
      return new PrivilegedSignature.Malformed("A signed text that could be of other headers");
    }
    List<String> dates = request.dates();
    Optional<Instant> date = dates.size() == 1 ? parseDate(dates.get(0)) : Optional.empty();
    if (!dates.isEmpty() && date.isEmpty()) {
      return new PrivilegedSignature.Malformed("The X-Docker-Date is no date");
    }
    return check(now, request.text(), signature.get(), date);
  }

  private PrivilegedSignature check(
      Rules now, byte[] text, byte[] signature, Optional<Instant> date) {
    Optional<String> signer = signer(now, text, signature);
    if (signer.isEmpty()) {
      return new PrivilegedSignature.Refused("The signature is of none of the keys");
    }
    if (date.isEmpty() && now.requireDate()) {
      return new PrivilegedSignature.Refused("The signature has no date");
    }
    return date.flatMap(when -> window.take(signature, when))
        .<PrivilegedSignature>map(PrivilegedSignature.Refused::new)
        .orElseGet(() -> new PrivilegedSignature.Valid(new Caller.Privileged(signer.get())));
  }

  private static Optional<String> signer(Rules now, byte[] text, byte[] signature) {
    return now.keys().entrySet().stream()
        .filter(
            key ->
                ALGORITHMS.stream()
                    .anyMatch(algorithm -> isOf(key.getValue(), algorithm, text, signature)))
        .map(Map.Entry::getKey)
        .findFirst();
  }

  private static boolean isOf(RSAPublicKey key, String algorithm, byte[] text, byte[] signature) {
    try {
      Signature verifier = Signature.getInstance(algorithm);
      verifier.initVerify(key);
      verifier.update(text);
      return verifier.verify(signature);
    } catch (SignatureException e) {
      // Java throws this when the signature's length differs from the key's.
      return false;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Optional<Instant> parseDate(String text) {
    return Stream.of(DateTimeFormatter.RFC_1123_DATE_TIME, DateTimeFormatter.ISO_OFFSET_DATE_TIME)
        .flatMap(form -> parse(form, text).stream())
        .findFirst();
  }

  private static Optional<Instant> parse(DateTimeFormatter form, String text) {
    try {
      return Optional.of(form.parse(text, Instant::from));
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }
}
