package io.registry.testkit;

import io.registry.RegistryApplication;
import io.registry.storage.BlobStorage;
import java.nio.file.Path;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;

/**
 * The registry on a {@link BrokenStorage}. Without a stereotype, so that no other test's component
 * scan finds it.
 */
@Import(RegistryApplication.class)
public final class BrokenRegistry {

  /** Starts it; {@link RegistryServer#bean} knows the {@link BrokenStorage}. */
  public static RegistryServer start(Path store, String... arguments) {
    return RegistryServer.start(BrokenRegistry.class, store, arguments);
  }

  /** Starts it with a clock that only the test moves. */
  public static RegistryServer startPassing(Path store, String... arguments) {
    return RegistryServer.start(Passing.class, store, arguments);
  }

  /** Both. */
  @Import({BrokenRegistry.class, PassingRegistry.class})
  private static final class Passing {}

  @Bean
  static BeanPostProcessor breaker() {
    return new BeanPostProcessor() {
      @Override
      public Object postProcessAfterInitialization(Object bean, String name) {
        return bean instanceof BlobStorage storage ? new BrokenStorage(storage) : bean;
      }
    };
  }
}
