package io.registry.control;

import jakarta.validation.ConstraintViolation;
import jakarta.validation.Validator;
import java.util.Set;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.core.env.Environment;

/** What is set, as it was read at some time. */
public final class Settings {
  private final Environment environment;
  private final Validator validator;

  Settings(Environment environment, Validator validator) {
    this.environment = environment;
    this.validator = validator;
  }

  /** What is set. */
  public Environment environment() {
    return environment;
  }

  /**
   * The settings below a prefix, checked.
   *
   * @throws RuntimeException when they do not fit
   */
  public <T> T bind(String prefix, Class<T> type) {
    return bind(prefix, Bindable.of(type));
  }

  /**
   * The settings below a prefix, checked.
   *
   * @throws RuntimeException when they do not fit
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
