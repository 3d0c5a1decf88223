package io.registry.platform.logs;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.Appender;
import ch.qos.logback.core.CoreConstants;
import ch.qos.logback.core.OutputStreamAppender;
import ch.qos.logback.core.pattern.DynamicConverter;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.function.Supplier;
import org.slf4j.LoggerFactory;
import org.springframework.boot.context.event.ApplicationEnvironmentPreparedEvent;
import org.springframework.boot.context.logging.LoggingApplicationListener;
import org.springframework.context.ApplicationListener;
import org.springframework.core.Ordered;

/**
 * Encodes every line of every logger, whoever writes it: once the log is set up, the words of
 * Logback's patterns for the message ({@code %m}) and the stack trace ({@code %wEx}, Spring Boot's
 * default) are bound to the classes of this package, and the patterns are read again.
 */
final class PrintableLines
    implements ApplicationListener<ApplicationEnvironmentPreparedEvent>, Ordered {
  private static final Map<String, Supplier<DynamicConverter<ILoggingEvent>>> WORDS =
      Map.of(
          "m", PrintableMessage::new,
          "msg", PrintableMessage::new,
          "message", PrintableMessage::new,
          "wEx", PrintableStackTrace::new);

  /** After the log is set up, and before anything of a client is logged. */
  @Override
  public int getOrder() {
    return LoggingApplicationListener.DEFAULT_ORDER + 1;
  }

  @Override
  public void onApplicationEvent(ApplicationEnvironmentPreparedEvent event) {
    if (LoggerFactory.getILoggerFactory() instanceof LoggerContext logback && bind(logback)) {
      for (Logger logger : logback.getLoggerList()) {
        for (Iterator<Appender<ILoggingEvent>> each = logger.iteratorForAppenders();
            each.hasNext(); ) {
          if (each.next() instanceof OutputStreamAppender<?> appender
              && appender.getEncoder() instanceof PatternLayoutEncoder encoder) {
            encoder.stop();
            encoder.start();
          }
        }
      }
    }
  }

  // False when another application of this process has done it: its log is in use.
  private static boolean bind(LoggerContext logback) {
    Map<Object, Object> words = new HashMap<>();
    if (logback.getObject(CoreConstants.PATTERN_RULE_REGISTRY_FOR_SUPPLIERS)
        instanceof Map<?, ?> known) {
      if (known.keySet().containsAll(WORDS.keySet())) {
        return false;
      }
      words.putAll(known);
    }
    words.putAll(WORDS);
    logback.putObject(CoreConstants.PATTERN_RULE_REGISTRY_FOR_SUPPLIERS, words);
    return true;
  }
}
