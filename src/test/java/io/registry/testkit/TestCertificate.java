package io.registry.testkit;

import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import javax.net.ssl.SSLContext;

/**
 * A certificate for 127.0.0.1 and localhost that signed itself, in files.
 *
 * @param certificate the file that has it, in PEM
 * @param key the file that has its private key, in PEM
 * @param made both
 */
record TestCertificate(Path certificate, Path key, TestCertificates made) {

  /** Makes one in a directory. */
  static TestCertificate make(Path directory) throws IOException {
    try {
      TestCertificates made = TestCertificates.make(directory, "test");
      Path certificate = directory.resolve("test.crt");
      Path key = directory.resolve("test.key");
      made.write(certificate, key);
      return new TestCertificate(certificate, key, made);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** For a server that shows it. */
  SSLContext serving() {
    try {
      return made.serving();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  /** For a client that trusts it and nothing else. */
  SSLContext trusting() throws IOException {
    try {
      return TestCertificates.trusting(made);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }
}
