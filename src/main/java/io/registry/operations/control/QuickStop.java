package io.registry.operations.control;

import com.sun.jna.NativeLibrary;
import com.sun.jna.Pointer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the signal QUIT end the process at once, like in the original. The JVM reserves this signal
 * for thread dumps, so that native code has to replace its handler.
 */
final class QuickStop {
  private static final Logger log = LoggerFactory.getLogger(QuickStop.class);
  private static final int QUIT = 3;

  private QuickStop() {}

  /** Installs the handler in the background, because loading the native code takes time. */
  static void install() {
    Thread thread = new Thread(QuickStop::take, "quick-stop");
    thread.setDaemon(true);
    thread.start();
  }

  // Registers the C function {@code _exit} itself as the handler: it receives the signal's number
  // as its argument, and ends the process with it as the exit status, without a core file and
  // without running code of the JVM.
  private static void take() {
    try {
      NativeLibrary library = NativeLibrary.getInstance("c");
      Pointer exit = library.getFunction("_exit");
      library.getFunction("signal").invokePointer(new Object[] {QUIT, exit});
      log.info("The signal QUIT ends the registry at once");
    } catch (LinkageError | RuntimeException e) {
      log.warn("The signal QUIT prints threads and does not stop the registry: {}", e.toString());
    }
  }
}
