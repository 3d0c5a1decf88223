package io.registry.operations.control;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.Appender;
import ch.qos.logback.core.FileAppender;
import java.io.IOException;
import java.util.Iterator;
import java.util.Optional;
import org.slf4j.LoggerFactory;

/** Reopens the log file that {@code logging.file.name} names. */
final class ApplicationLogFile implements ReopenedLog {

  @Override
  public Optional<String> reopen() throws IOException {
    Optional<String> reopened = Optional.empty();
    if (LoggerFactory.getILoggerFactory() instanceof LoggerContext logback) {
      for (Logger logger : logback.getLoggerList()) {
        for (Iterator<Appender<ILoggingEvent>> each = logger.iteratorForAppenders();
            each.hasNext(); ) {
          if (each.next() instanceof FileAppender<?> file && file.isStarted()) {
            // Closes the old file; no other thread can write in between.
            file.openFile(file.getFile());
            reopened = Optional.of(file.getFile());
          }
        }
      }
    }
    return reopened;
  }
}
