package io.registry.testkit;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import javax.net.SocketFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/**
 * Who may talk to a Redis, and how.
 *
 * @param options what makes the server accept that only
 * @param replicaOptions what makes a replica, with the same access, reach the server
 * @param springArguments what makes the registry do it so
 * @param login what the test kit itself logs in with
 * @param sockets how the test kit itself connects
 * @param encrypted whether the server's port speaks TLS
 */
record RedisAccess(
    List<String> options,
    List<String> replicaOptions,
    List<String> springArguments,
    List<String> login,
    SocketFactory sockets,
    boolean encrypted) {
  private static final String OWN_USER = "testkit";
  private static final String OWN_PASSWORD = "known-to-the-test-kit-only";
  private static final String ALIAS = "redis";
  private static final String PASSWORD = "changeit";

  /** Everybody, in plain text. */
  static RedisAccess open() {
    return new RedisAccess(
        List.of(), List.of(), List.of(), List.of(), SocketFactory.getDefault(), false);
  }

  /** That user only, who may do what the rules say, or everything if there are none. */
  static RedisAccess user(String user, String password, List<String> rules) {
    List<String> all = List.of("~*", "&*", "+@all");
    List<String> options = new ArrayList<>(List.of("--user", "default", "off"));
    options.addAll(List.of("--user", OWN_USER, "on", ">" + OWN_PASSWORD));
    options.addAll(all);
    options.addAll(List.of("--user", user, "on", ">" + password));
    options.addAll(rules.isEmpty() ? all : rules);
    return new RedisAccess(
        options,
        List.of("--masteruser", OWN_USER, "--masterauth", OWN_PASSWORD),
        List.of("--spring.data.redis.username=" + user, "--spring.data.redis.password=" + password),
        List.of(OWN_USER, OWN_PASSWORD),
        SocketFactory.getDefault(),
        false);
  }

  /** Whoever trusts a certificate that is made in that directory. */
  static RedisAccess tls(Path directory) throws IOException {
    try {
      KeyStore keys = makeKeys(directory.resolve("redis.p12"));
      Path certificate =
          pem(
              directory.resolve("redis.crt"),
              "CERTIFICATE",
              keys.getCertificate(ALIAS).getEncoded());
      Key secret = Optional.ofNullable(keys.getKey(ALIAS, PASSWORD.toCharArray())).orElseThrow();
      Path key = pem(directory.resolve("redis.key"), "PRIVATE KEY", secret.getEncoded());
      return new RedisAccess(
          List.of(
              "--tls-cert-file",
              certificate.toString(),
              "--tls-key-file",
              key.toString(),
              "--tls-ca-cert-file",
              certificate.toString(),
              "--tls-auth-clients",
              "no",
              "--tls-replication",
              "yes"),
          List.of(),
          List.of(
              "--spring.data.redis.ssl.bundle=redis",
              "--spring.ssl.bundle.pem.redis.truststore.certificate=file:" + certificate),
          List.of(),
          trusting(keys),
          true);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static KeyStore makeKeys(Path file) throws IOException, GeneralSecurityException {
    List<String> command =
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
            "-genkeypair",
            "-alias",
            ALIAS,
            "-keyalg",
            "EC",
            "-groupname",
            "secp256r1",
            "-dname",
            "CN=" + ALIAS,
            "-ext",
            "san=ip:127.0.0.1,dns:localhost",
            "-storetype",
            "PKCS12",
            "-keystore",
            file.toString(),
            "-storepass",
            PASSWORD);
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    try (InputStream said = process.getInputStream()) {
      String text = new String(said.readAllBytes(), StandardCharsets.UTF_8);
      if (!Files.exists(file)) {
        throw new IOException("no certificate: " + text);
      }
    }
    return KeyStore.getInstance(file.toFile(), PASSWORD.toCharArray());
  }

  private static Path pem(Path file, String kind, byte[] content) throws IOException {
    String text = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(content);
    String dashes = "-----";
    return Files.writeString(
        file, "%1$sBEGIN %2$s%1$s\n%3$s\n%1$sEND %2$s%1$s\n".formatted(dashes, kind, text));
  }

  private static SocketFactory trusting(KeyStore keys)
      throws GeneralSecurityException, IOException {
    KeyStore trusted = KeyStore.getInstance("PKCS12");
    trusted.load(null, null);
    trusted.setCertificateEntry(ALIAS, keys.getCertificate(ALIAS));
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(trusted);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, trust.getTrustManagers(), null);
    return context.getSocketFactory();
  }
}
