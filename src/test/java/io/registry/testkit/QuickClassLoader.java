package io.registry.testkit;

import java.io.IOException;
import java.net.URL;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.springframework.core.SmartClassLoader;

/**
 * Remembers what the class path has and does not have. Each start of Spring asks two hundred jars
 * for hundreds of classes and files that are in none of them; that is a quarter of its time. The
 * class path does not change while a process runs.
 */
final class QuickClassLoader extends ClassLoader implements SmartClassLoader {
  static {
    registerAsParallelCapable();
  }

  static final QuickClassLoader INSTANCE =
      new QuickClassLoader(QuickClassLoader.class.getClassLoader());

  private final Set<String> missing = ConcurrentHashMap.newKeySet();
  private final Map<String, Optional<URL>> resources = new ConcurrentHashMap<>();
  private final Map<String, List<URL>> allResources = new ConcurrentHashMap<>();

  private QuickClassLoader(ClassLoader parent) {
    super("quick", parent);
  }

  // The classes themselves are those of the parent.
  @Override
  protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
    if (missing.contains(name)) {
      throw new ClassNotFoundException(name);
    }
    try {
      return getParent().loadClass(name);
    } catch (ClassNotFoundException e) {
      missing.add(name);
      throw e;
    }
  }

  @Override
  public @Nullable URL getResource(String name) {
    return resources
        .computeIfAbsent(name, wanted -> Optional.ofNullable(getParent().getResource(wanted)))
        .orElse(null);
  }

  @Override
  public Enumeration<URL> getResources(String name) throws IOException {
    List<URL> known = allResources.get(name);
    if (known == null) {
      known = Collections.list(getParent().getResources(name));
      allResources.put(name, known);
    }
    return Collections.enumeration(known);
  }

  // Classes that Spring makes at run time belong to the loader of the class that they extend.
  @Override
  public ClassLoader getOriginalClassLoader() {
    return getParent();
  }
}
