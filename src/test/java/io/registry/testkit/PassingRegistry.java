package io.registry.testkit;

import io.registry.RegistryApplication;
import java.nio.file.Path;
import java.time.Clock;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;

/**
 * The registry with a {@link PassingClock}. Without a stereotype, so that no other test's component
 * scan finds it.
 */
@Import(RegistryApplication.class)
public final class PassingRegistry {

  /** Starts it; {@link RegistryServer#bean} knows the clock. */
  public static RegistryServer start(Path store, String... arguments) {
    return RegistryServer.start(PassingRegistry.class, store, arguments);
  }

  @Bean
  static BeanPostProcessor hands() {
    PassingClock clock = new PassingClock();
    return new BeanPostProcessor() {
      @Override
      public Object postProcessAfterInitialization(Object bean, String name) {
        return bean instanceof Clock ? clock : bean;
      }
    };
  }
}
