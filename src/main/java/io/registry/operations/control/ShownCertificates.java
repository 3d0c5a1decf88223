package io.registry.operations.control;

import java.security.KeyStore;
import java.security.KeyStoreException;
import java.security.cert.Certificate;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.ssl.SslBundle;

/** Compares SSL bundles by their certificates. */
public final class ShownCertificates {
  private ShownCertificates() {}

  /** Whether both bundles present and trust the same certificates, with the same options. */
  public static boolean areSame(SslBundle one, SslBundle other) {
    return certificates(one.getStores().getKeyStore())
            .equals(certificates(other.getStores().getKeyStore()))
        && certificates(one.getStores().getTrustStore())
            .equals(certificates(other.getStores().getTrustStore()))
        && one.getProtocol().equals(other.getProtocol())
        && Arrays.equals(one.getOptions().getCiphers(), other.getOptions().getCiphers())
        && Arrays.equals(
            one.getOptions().getEnabledProtocols(), other.getOptions().getEnabledProtocols());
  }

  private static Set<List<Certificate>> certificates(@Nullable KeyStore store) {
    Set<List<Certificate>> all = new HashSet<>();
    if (store == null) {
      return all;
    }
    try {
      for (String alias : Collections.list(store.aliases())) {
        Optional.ofNullable(store.getCertificateChain(alias)).map(List::of).ifPresent(all::add);
        Optional.ofNullable(store.getCertificate(alias)).map(List::of).ifPresent(all::add);
      }
    } catch (KeyStoreException e) {
      throw new IllegalStateException(e);
    }
    return all;
  }
}
