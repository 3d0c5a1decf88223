package io.registry.access.auth;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.registry.platform.json.JsonCodec;
import io.registry.testkit.FakeIndex;
import java.net.http.HttpClient;
import java.time.Clock;
import java.time.Duration;
import org.springframework.util.unit.DataSize;

/** Verifiers that ask an index of a test. */
public final class RemoteIndexes {
  /** Far more than an index that works needs. */
  public static final Duration PATIENT = Duration.ofSeconds(20);

  private static final HttpClient HTTP =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  private RemoteIndexes() {}

  /** Settings with a patient deadline, which remember grants for so long. */
  public static RemoteIndexProperties settings(FakeIndex index, Duration grantsTtl) {
    return settings(index, PATIENT, 2, DataSize.ofMegabytes(16), 32, grantsTtl);
  }

  static RemoteIndexProperties settings(
      FakeIndex index,
      Duration timeout,
      int attempts,
      DataSize answerSize,
      int questions,
      Duration grantsTtl) {
    return new RemoteIndexProperties(
        index.endpoint(),
        "",
        Duration.ofSeconds(2),
        timeout,
        attempts,
        answerSize,
        questions,
        Duration.ofSeconds(5),
        grantsTtl);
  }

  /** A verifier that asks each time. */
  public static RemoteIndexVerifier verifier(RemoteIndexProperties settings) {
    return verifier(settings, Clock.systemUTC(), new SimpleMeterRegistry());
  }

  static RemoteIndexVerifier verifier(
      RemoteIndexProperties settings, Clock clock, SimpleMeterRegistry meters) {
    return new RemoteIndexVerifier(
        settings.endpoint(),
        RemoteIndexConfiguration.guard(settings, clock, new IndexMeters(meters)),
        new IndexClient(() -> HTTP, settings.answerSize().toBytes()),
        new JsonCodec());
  }
}
