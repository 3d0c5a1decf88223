package io.registry.testkit;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyStore;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/**
 * A certificate for 127.0.0.1 and localhost that signed itself.
 *
 * @param certificate the file that has it, in PEM
 * @param key the file that has its private key, in PEM
 * @param store both
 */
record TestCertificate(Path certificate, Path key, KeyStore store) {
  private static final String ALIAS = "test";
  private static final char[] PASSWORD = "changeit".toCharArray();

  /** Makes one in a directory. */
  static TestCertificate make(Path directory) throws IOException {
    try {
      KeyStore keys = makeKeys(directory.resolve("test.p12"));
      Path certificate =
          pem(
              directory.resolve("test.crt"),
              "CERTIFICATE",
              keys.getCertificate(ALIAS).getEncoded());
      Key secret = Optional.ofNullable(keys.getKey(ALIAS, PASSWORD)).orElseThrow();
      Path key = pem(directory.resolve("test.key"), "PRIVATE KEY", secret.getEncoded());
      return new TestCertificate(certificate, key, keys);
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
            String.valueOf(PASSWORD));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    try (InputStream said = process.getInputStream()) {
      String text = new String(said.readAllBytes(), StandardCharsets.UTF_8);
      if (!Files.exists(file)) {
        throw new IOException("no certificate: " + text);
      }
    }
    return KeyStore.getInstance(file.toFile(), PASSWORD);
  }

  private static Path pem(Path file, String kind, byte[] content) throws IOException {
    String text = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(content);
    String dashes = "-----";
    return Files.writeString(
        file, "%1$sBEGIN %2$s%1$s\n%3$s\n%1$sEND %2$s%1$s\n".formatted(dashes, kind, text));
  }

  /** For a server that shows it. */
  SSLContext serving() {
    try {
      KeyManagerFactory keys =
          KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      keys.init(store, PASSWORD);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(keys.getKeyManagers(), null, null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  /** For a client that trusts it and nothing else. */
  SSLContext trusting() throws IOException {
    try {
      KeyStore trusted = KeyStore.getInstance("PKCS12");
      trusted.load(null, null);
      trusted.setCertificateEntry(ALIAS, store.getCertificate(ALIAS));
      TrustManagerFactory trust =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      trust.init(trusted);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, trust.getTrustManagers(), null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }
}
