package io.registry.platform.logs;

import ch.qos.logback.classic.pattern.MessageConverter;
import ch.qos.logback.classic.spi.ILoggingEvent;

/** Writes the message of a log line in one line. */
final class PrintableMessage extends MessageConverter {
  /** Explains a failed start in several lines, before there are clients. */
  private static final String START_FAILURES =
      "org.springframework.boot.diagnostics.LoggingFailureAnalysisReporter";

  @Override
  public String convert(ILoggingEvent event) {
    String message = String.valueOf(super.convert(event));
    return event.getLoggerName().equals(START_FAILURES) ? message : LogText.printable(message);
  }
}
