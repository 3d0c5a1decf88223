package io.registry.operations.control;

import jakarta.validation.ConstraintViolation;
import jakarta.validation.Validator;
import java.util.Set;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.core.env.Environment;

/** The settings as read at one time. */
public final class Settings {
  private final Environment environment;
  private final Validator validator;

  Settings(Environment environment, Validator validator) {
    this.environment = environment;
    this.validator = validator;
  }

  /** The environment with all settings. */
  public Environment environment() {
    return environment;
  }

  /**
   * Binds and validates the settings below a prefix.
   *
   * @throws RuntimeException when they are invalid
   */
  public <T> T bind(String prefix, Class<T> type) {
    return bind(prefix, Bindable.of(type));
  }

  /**
   * Binds and validates the settings below a prefix.
   *
   * @throws RuntimeException when they are invalid
   */
  public <T> T bind(String prefix, Bindable<T> type) {
    T bound = Binder.get(environment).bindOrCreate(prefix, type);
    Set<ConstraintViolation<T>> violations = validator.validate(bound);
    for (ConstraintViolation<T> violation : violations) {
      throw new IllegalArgumentException(
          prefix + ": " + violation.getPropertyPath() + " " + violation.getMessage());
    }
    return bound;
  }
}
