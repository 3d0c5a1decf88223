package io.registry.access.auth;

import java.util.StringJoiner;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.actuate.audit.AuditEvent;
import org.springframework.boot.actuate.audit.listener.AuditApplicationEvent;
import org.springframework.context.ApplicationListener;

/** Writes each audit event as one line to a logger of its own. */
final class AuditLog implements ApplicationListener<AuditApplicationEvent> {
  /** The name of the logger. */
  static final String LOGGER = "registry.audit";

  private static final Logger log = LoggerFactory.getLogger(LOGGER);

  private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9._:/@+-]+");
  private static final int MAX_LENGTH = 256;

  @Override
  public void onApplicationEvent(AuditApplicationEvent event) {
    AuditEvent told = event.getAuditEvent();
    // Other libraries, such as Spring Security, publish events that may contain more than the log
    // should.
    if (AuditType.isOne(told.getType())) {
      log.info("{}", line(told));
    }
  }

  private static String line(AuditEvent event) {
    StringJoiner line = new StringJoiner(" ");
    line.add("event=" + value(event.getType()));
    line.add("who=" + value(event.getPrincipal()));
    event.getData().forEach((key, value) -> line.add(key + "=" + value(String.valueOf(value))));
    return line.toString();
  }

  // Names and paths come from clients: a value must not look like another pair or line.
  private static String value(String text) {
    if (text.length() <= MAX_LENGTH && PLAIN.matcher(text).matches()) {
      return text;
    }
    StringBuilder quoted = new StringBuilder("\"");
    text.chars().limit(MAX_LENGTH).forEach(c -> append(quoted, (char) c));
    return quoted.append(text.length() > MAX_LENGTH ? "...\"" : "\"").toString();
  }

  private static void append(StringBuilder quoted, char c) {
    if (c == '"' || c == '\\') {
      quoted.append('\\').append(c);
    } else if (c < ' ' || c > '~') {
      quoted.append("\\u%04x".formatted((int) c));
    } else {
      quoted.append(c);
    }
  }
}
