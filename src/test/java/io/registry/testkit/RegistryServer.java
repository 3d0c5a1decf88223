package io.registry.testkit;

import io.registry.RegistryApplication;
import io.registry.storage.BlobStorage;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.core.io.DefaultResourceLoader;
import org.springframework.security.crypto.bcrypt.BCryptPasswordEncoder;
import org.springframework.security.crypto.password.DelegatingPasswordEncoder;
import org.springframework.security.crypto.password.PasswordEncoder;

/** The real registry, in this process, on a port of its own. */
public final class RegistryServer implements AutoCloseable {
  static final String NO_DIFFS = "--registry.contents.diff-after-push=false";
  private static final String NO_PREPARATION = "--registry.v2.prepare-pushes=false";

  /** Most tests sign with what the original's clients sign. */
  private static final String UNDATED = "--registry.auth.require-signed-date=false";

  /** A test that left something under way does not wait for it in the end. */
  private static final String SHORT_END = "--spring.lifecycle.timeout-per-shutdown-phase=10s";

  private final ConfigurableApplicationContext context;
  private final int port;

  private RegistryServer(ConfigurableApplicationContext context) {
    this.context = context;
    this.port = context.getEnvironment().getRequiredProperty("local.server.port", Integer.class);
  }

  /**
   * Starts a registry.
   *
   * @param store the directory that it serves
   * @param arguments more of the command line
   */
  public static RegistryServer start(Path store, String... arguments) {
    return start(RegistryApplication.class, store, arguments);
  }

  /** Starts a registry on the store that the arguments name. */
  public static RegistryServer startWith(String... arguments) {
    List<String> all = arguments(arguments);
    all.add("--server.port=0");
    return run(builder(RegistryApplication.class), all);
  }

  // A registry in a process of its own computes its hashes as slowly as it should.
  private static SpringApplicationBuilder builder(Class<?> application) {
    return new SpringApplicationBuilder(application)
        .resourceLoader(new DefaultResourceLoader(QuickClassLoader.INSTANCE))
        .initializers(
            (GenericApplicationContext context) ->
                context.registerBean(PasswordEncoder.class, RegistryServer::quickHashes));
  }

  // Libraries look for their parts by the loader of the thread.
  private static RegistryServer run(SpringApplicationBuilder builder, List<String> arguments) {
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    thread.setContextClassLoader(QuickClassLoader.INSTANCE);
    try {
      return new RegistryServer(builder.run(arguments.toArray(String[]::new)));
    } finally {
      thread.setContextClassLoader(before);
    }
  }

  /** As quick as bcrypt can be. */
  public static PasswordEncoder quickHashes() {
    return new DelegatingPasswordEncoder("bcrypt", Map.of("bcrypt", new BCryptPasswordEncoder(4)));
  }

  // Without work in the background, which would take part in what a test counts and breaks, unless
  // the test wants it. Of two values of one option, Spring would take both.
  static List<String> arguments(String... wanted) {
    List<String> all = new ArrayList<>(List.of(wanted));
    for (String usual : List.of(NO_DIFFS, NO_PREPARATION, SHORT_END, UNDATED)) {
      if (all.stream().noneMatch(each -> each.startsWith(usual.replaceFirst("=.*", "=")))) {
        all.add(usual);
      }
    }
    return all;
  }

  /** A port that nobody has, for {@link #startAt}. */
  public static int freePort() {
    return RedisServer.freePort();
  }

  /** Starts a registry that listens on that port, for others who have to know it before. */
  public static RegistryServer startAt(int port, Path store, String... arguments) {
    List<String> all = arguments(arguments);
    all.add("--server.port=" + port);
    all.add("--registry.storage.local.path=" + store);
    return run(builder(RegistryApplication.class), all);
  }

  /** Starts a registry with beans of the test's own in place of some of its. */
  public static RegistryServer start(Class<?> application, Path store, String... arguments) {
    List<String> all = arguments(arguments);
    all.add("--server.port=0");
    all.add("--registry.storage.local.path=" + store);
    return run(builder(application), all);
  }

  /** A name that no other test has, for an image or a part of a repository's name. */
  public static String newName(String begin) {
    return begin + "-" + UUID.randomUUID().toString().substring(0, 13);
  }

  /** The port that it listens on, at 127.0.0.1. */
  public int port() {
    return port;
  }

  /** A bean of the running registry. */
  public <T> T bean(Class<T> type) {
    return context.getBean(type);
  }

  /** A client of this server. */
  public TestClient client() {
    return new TestClient(port);
  }

  /**
   * Starts a registry on a store of the test's own, which several may share.
   *
   * @param storage the store
   * @param unused a directory that stays empty
   * @param arguments more of the command line
   */
  public static RegistryServer startOn(BlobStorage storage, Path unused, String... arguments) {
    List<String> all = arguments(arguments);
    all.add("--server.port=0");
    all.add("--registry.storage.local.path=" + unused);
    BeanPostProcessor replacement =
        new BeanPostProcessor() {
          @Override
          public Object postProcessAfterInitialization(Object bean, String name) {
            return bean instanceof BlobStorage ? storage : bean;
          }
        };
    return run(
        builder(RegistryApplication.class)
            .initializers(context -> context.getBeanFactory().addBeanPostProcessor(replacement)),
        all);
  }

  @Override
  public void close() {
    context.close();
  }
}
