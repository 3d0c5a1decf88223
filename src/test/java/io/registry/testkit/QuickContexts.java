package io.registry.testkit;

import java.io.IOException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.ApplicationContextFactory;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.web.server.servlet.context.AnnotationConfigServletWebServerApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.core.io.Resource;

/**
 * Lets a process read the annotations of each class once, not at each of its hundreds of starts of
 * the registry. Spring Boot finds it by {@code META-INF/spring.factories}.
 */
@Order(Ordered.HIGHEST_PRECEDENCE)
public final class QuickContexts implements ApplicationContextFactory {
  @Override
  public @Nullable ConfigurableApplicationContext create(@Nullable WebApplicationType type) {
    return type == WebApplicationType.SERVLET ? new QuickContext() : null;
  }

  private static final class QuickContext
      extends AnnotationConfigServletWebServerApplicationContext {
    // What a class file says does not change while the process runs.
    private static final Map<Class<?>, Map<Resource, ?>> CACHES = new ConcurrentHashMap<>();
    private static final Map<String, Resource[]> FOUND = new ConcurrentHashMap<>();

    @Override
    @SuppressWarnings("unchecked")
    public <T> Map<Resource, T> getResourceCache(Class<T> type) {
      return (Map<Resource, T>)
          CACHES.computeIfAbsent(type, any -> new ConcurrentHashMap<Resource, T>());
    }

    @Override
    public Resource[] getResources(String pattern) throws IOException {
      if (!pattern.startsWith(CLASSPATH_ALL_URL_PREFIX)) {
        return super.getResources(pattern);
      }
      Resource[] known = FOUND.get(pattern);
      if (known == null) {
        known = super.getResources(pattern);
        FOUND.put(pattern, known);
      }
      return known.clone();
    }
  }
}
