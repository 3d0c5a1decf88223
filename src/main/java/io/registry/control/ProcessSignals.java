package io.registry.control;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The signals that the JVM lets programs have. They are in {@code jdk.unsupported}, which not every
 * JVM has, so that nothing here is named but by reflection.
 */
final class ProcessSignals {
  private static final Logger log = LoggerFactory.getLogger(ProcessSignals.class);

  private final Class<?> signal;
  private final Class<?> handler;
  private final Method handle;

  private ProcessSignals() throws ReflectiveOperationException {
    signal = Class.forName("sun.misc.Signal");
    handler = Class.forName("sun.misc.SignalHandler");
    handle = signal.getMethod("handle", signal, handler);
  }

  /** The signals of this process; nothing where the JVM has none for programs. */
  static Optional<ProcessSignals> find() {
    try {
      return Optional.of(new ProcessSignals());
    } catch (ReflectiveOperationException | LinkageError e) {
      log.warn("Signals are not heard: {}", e.toString());
      return Optional.empty();
    }
  }

  /**
   * Has something done, in a thread of its own, each time that a signal comes.
   *
   * @param name without {@code SIG}
   * @return whether it is heard: not when it was ignored already
   */
  boolean on(String name, Runnable action) {
    try {
      Object proxy =
          Proxy.newProxyInstance(
              ProcessSignals.class.getClassLoader(),
              new Class<?>[] {handler},
              (self, method, arguments) -> answer(self, method, action));
      Object before =
          handle.invoke(null, signal.getConstructor(String.class).newInstance(name), proxy);
      // Whoever started this process wanted it ignored (nohup), and the JVM leaves it so.
      return !handler.getField("SIG_IGN").get(null).equals(before);
    } catch (InvocationTargetException e) {
      // There is no such signal on this system, or the JVM keeps it for itself (-Xrs).
      log.debug("{} is not heard", name, e.getCause());
      return false;
    } catch (ReflectiveOperationException e) {
      log.debug("{} is not heard", name, e);
      return false;
    }
  }

  private static Object answer(Object self, Method method, Runnable action) {
    return switch (method.getName()) {
      case "equals" -> false;
      case "hashCode" -> System.identityHashCode(self);
      case "toString" -> "signal handler";
      default -> {
        action.run();
        yield Optional.empty();
      }
    };
  }
}
