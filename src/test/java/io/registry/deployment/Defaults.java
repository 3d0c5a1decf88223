package io.registry.deployment;

import java.time.Duration;
import java.util.Objects;
import org.springframework.beans.factory.config.YamlPropertiesFactoryBean;
import org.springframework.boot.convert.DurationStyle;
import org.springframework.core.io.ClassPathResource;

/** Settings as they are when nobody sets them. */
final class Defaults {
  private Defaults() {}

  /** A setting of application.yml. */
  static String get(String name) {
    YamlPropertiesFactoryBean yaml = new YamlPropertiesFactoryBean();
    yaml.setResources(new ClassPathResource("application.yml"));
    Object value = Objects.requireNonNull(yaml.getObject()).get(name);
    return String.valueOf(Objects.requireNonNull(value, name));
  }

  /** How long begun pushes, and then requests under way have, when the registry is stopped. */
  static Duration drain() {
    return DurationStyle.detectAndParse(get("registry.shutdown.pushes"))
        .plus(DurationStyle.detectAndParse(get("spring.lifecycle.timeout-per-shutdown-phase")));
  }
}
