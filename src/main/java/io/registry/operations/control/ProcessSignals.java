package io.registry.operations.control;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Handles signals of the process. The JVM's API for that is in {@code jdk.unsupported}, which not
 * every JVM has, so this class uses reflection only.
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

  /** The signals of this process; empty when the JVM does not have the API. */
  static Optional<ProcessSignals> find() {
    try {
      return Optional.of(new ProcessSignals());
    } catch (ReflectiveOperationException | LinkageError e) {
      log.warn("Signals have no effect: {}", e.toString());
      return Optional.empty();
    }
  }

  /**
   * Runs an action, in a thread of its own, each time the signal arrives.
   *
   * @param name the name without {@code SIG}
   * @return whether the signal is handled; false when the process ignores it
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
      // The parent process made this one ignore the signal (nohup), and so it stays.
      return !handler.getField("SIG_IGN").get(null).equals(before);
    } catch (InvocationTargetException e) {
      // The system does not have this signal, or the JVM is started with -Xrs.
      log.debug("The signal {} has no effect", name, e.getCause());
      return false;
    } catch (ReflectiveOperationException e) {
      log.debug("The signal {} has no effect", name, e);
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
