package io.registry;

import io.registry.content.liveness.CollectionRuns;
import io.registry.content.liveness.GuardedStorage;
import io.registry.content.liveness.RemovalGuard;
import io.registry.content.liveness.UnguardedStore;
import io.registry.platform.concurrent.MonotonicClock;
import io.registry.storage.BlobStorage;
import java.time.Duration;
import java.util.Optional;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.core.Ordered;
import org.springframework.core.env.Environment;

/** Decorates the store of the configured driver so that a collection removes nothing in use. */
final class GuardedStores implements BeanPostProcessor, Ordered {
  private final Environment environment;
  private final ObjectProvider<MonotonicClock> clock;
  private Optional<RemovalGuard> guard = Optional.empty();
  private Optional<UnguardedStore> unguarded = Optional.empty();

  GuardedStores(Environment environment, ObjectProvider<MonotonicClock> clock) {
    this.environment = environment;
    this.clock = clock;
  }

  @Override
  public Object postProcessAfterInitialization(Object bean, String name) {
    if (!(bean instanceof BlobStorage storage)) {
      return bean;
    }
    unguarded = Optional.of(new UnguardedStore(storage));
    boolean isOn =
        environment.getProperty("registry.gc.enabled", Boolean.class, false)
            && !storage.isReadOnly();
    RemovalGuard made =
        new RemovalGuard(
            new CollectionRuns(storage),
            clock.getIfAvailable(() -> MonotonicClock.SYSTEM),
            environment.getProperty("registry.gc.lease", Duration.class, Duration.ofSeconds(30)),
            storage.describe(),
            isOn);
    guard = Optional.of(made);
    return isOn ? new GuardedStorage(storage, made) : storage;
  }

  /** The guard of the store, which has been created before. */
  RemovalGuard guard() {
    return guard.orElseThrow();
  }

  /** The store without the guard. */
  UnguardedStore unguarded() {
    return unguarded.orElseThrow();
  }

  /** Comes after the metrics and before pointers, whose blobs are guarded, too. */
  @Override
  public int getOrder() {
    return 0;
  }
}
