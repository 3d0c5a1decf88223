package io.registry.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.platform.commons.support.AnnotationSupport;
import org.springframework.util.FileSystemUtils;

/**
 * Gives the tests of a class the registry that all classes with the same arguments share: as a
 * parameter of the type {@link RegistryServer} or {@link TestClient}. It starts for the first of
 * them, with an empty store, and stops after the last test of the process.
 *
 * <p>Tests push images and repositories with names of their own, from {@link
 * RegistryServer#newName}; they do not look into the store, and do not stop the registry.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(SharedRegistry.Extension.class)
public @interface SharedRegistry {
  /** More of the command line, beside the directory of the store. */
  String[] value() default {};

  /** Starts the registry, and stops it when JUnit closes what the tests share. */
  final class Extension implements ParameterResolver {
    private static final ExtensionContext.Namespace REGISTRIES =
        ExtensionContext.Namespace.create(SharedRegistry.class);

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
      Class<?> type = parameter.getParameter().getType();
      return type == RegistryServer.class || type == TestClient.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
      List<String> arguments =
          List.of(
              AnnotationSupport.findAnnotation(context.getRequiredTestClass(), SharedRegistry.class)
                  .orElseThrow()
                  .value());
      RegistryServer server =
          context
              .getRoot()
              .getStore(REGISTRIES)
              .computeIfAbsent(arguments, Extension::start, Running.class)
              .server();
      return parameter.getParameter().getType() == TestClient.class ? server.client() : server;
    }

    private static Running start(List<String> arguments) {
      try {
        Path store = Files.createTempDirectory("shared-registry");
        return new Running(RegistryServer.start(store, arguments.toArray(String[]::new)), store);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    private record Running(RegistryServer server, Path store) implements AutoCloseable {
      @Override
      public void close() throws IOException {
        server.close();
        FileSystemUtils.deleteRecursively(store);
      }
    }
  }
}
