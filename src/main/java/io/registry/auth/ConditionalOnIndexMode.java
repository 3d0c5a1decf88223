package io.registry.auth;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.springframework.context.annotation.Conditional;

/** What is there only in some modes of the index ({@code registry.index.mode}). */
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.TYPE, ElementType.METHOD})
@Conditional(OnIndexMode.class)
public @interface ConditionalOnIndexMode {

  /** The modes in which it is there. */
  IndexMode[] value();
}
