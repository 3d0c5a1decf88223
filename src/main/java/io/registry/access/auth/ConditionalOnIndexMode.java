package io.registry.access.auth;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.springframework.context.annotation.Conditional;

/** Registers a bean only in some index modes ({@code registry.index.mode}). */
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.TYPE, ElementType.METHOD})
@Conditional(OnIndexMode.class)
public @interface ConditionalOnIndexMode {

  /** The modes in which the bean is registered. */
  IndexMode[] value();
}
