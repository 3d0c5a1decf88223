package io.registry.control;

import com.sun.jna.NativeLibrary;
import com.sun.jna.Pointer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets QUIT end the process at once, as the original's did. The JVM keeps this signal for itself,
 * to print what its threads do, so that it has to be taken from it with native code.
 */
final class QuickStop {
  private static final Logger log = LoggerFactory.getLogger(QuickStop.class);
  private static final int QUIT = 3;

  private QuickStop() {}

  /** Sets it up beside the registry, which does not wait for the native code to be loaded. */
  static void install() {
    Thread thread = new Thread(QuickStop::take, "quick-stop");
    thread.setDaemon(true);
    thread.start();
  }

  // The C library's _exit is itself what is called: it takes a number, the signal's, and ends the
  // process with it, without a core file and without any code of the JVM.
  private static void take() {
    try {
      NativeLibrary library = NativeLibrary.getInstance("c");
      Pointer exit = library.getFunction("_exit");
      Object unused = library.getFunction("signal").invokePointer(new Object[] {QUIT, exit});
      log.info("The signal QUIT ends the registry at once");
    } catch (LinkageError | RuntimeException e) {
      log.warn("The signal QUIT prints threads and does not stop the registry: {}", e.toString());
    }
  }
}
