package io.registry.testkit;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.net.SocketFactory;

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
    TestCertificate made = TestCertificate.make(directory);
    return new RedisAccess(
        List.of(
            "--tls-cert-file",
            made.certificate().toString(),
            "--tls-key-file",
            made.key().toString(),
            "--tls-ca-cert-file",
            made.certificate().toString(),
            "--tls-auth-clients",
            "no",
            "--tls-replication",
            "yes"),
        List.of(),
        List.of(
            "--spring.data.redis.ssl.bundle=redis",
            "--spring.ssl.bundle.pem.redis.truststore.certificate=file:" + made.certificate()),
        List.of(),
        made.trusting().getSocketFactory(),
        true);
  }
}
