package io.registry.storage;

import io.registry.platform.problem.SetupException;
import java.util.Arrays;
import java.util.List;
import org.springframework.boot.EnvironmentPostProcessor;
import org.springframework.boot.SpringApplication;
import org.springframework.core.env.ConfigurableEnvironment;

/** Checks at the start that the active profiles name at most one storage driver. */
class StorageProfiles implements EnvironmentPostProcessor {
  private static final List<String> STORES = List.of("local", "s3", "gcs");

  @Override
  public void postProcessEnvironment(
      ConfigurableEnvironment environment, SpringApplication application) {
    List<String> active =
        Arrays.stream(environment.getActiveProfiles()).filter(STORES::contains).toList();
    if (active.size() > 1) {
      throw new SetupException(
          "spring.profiles.active: names more than one store: " + String.join(", ", active),
          "Leave one of local, s3 and gcs; without any of them, the store is local");
    }
  }
}
