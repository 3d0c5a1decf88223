package io.registry.platform.logs;

import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.StackTraceElementProxy;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.logging.logback.ExtendedWhitespaceThrowableProxyConverter;

/** Writes stack traces in which the message of each exception is in one line. */
final class PrintableStackTrace extends ExtendedWhitespaceThrowableProxyConverter {

  @Override
  protected String throwableProxyToString(IThrowableProxy failure) {
    return super.throwableProxyToString(new Printable(failure));
  }

  private record Printable(IThrowableProxy failure) implements IThrowableProxy {

    @Override
    public @Nullable String getMessage() {
      String message = failure.getMessage();
      return message == null ? null : LogText.printable(message);
    }

    @Override
    public @Nullable String getOverridingMessage() {
      String message = failure.getOverridingMessage();
      return message == null ? null : LogText.printable(message);
    }

    @Override
    public String getClassName() {
      return failure.getClassName();
    }

    @Override
    public StackTraceElementProxy[] getStackTraceElementProxyArray() {
      return failure.getStackTraceElementProxyArray();
    }

    @Override
    public int getCommonFrames() {
      return failure.getCommonFrames();
    }

    @Override
    public @Nullable IThrowableProxy getCause() {
      IThrowableProxy cause = failure.getCause();
      return cause == null ? null : new Printable(cause);
    }

    @Override
    public IThrowableProxy @Nullable [] getSuppressed() {
      IThrowableProxy[] suppressed = failure.getSuppressed();
      return suppressed == null
          ? null
          : Arrays.stream(suppressed).map(Printable::new).toArray(IThrowableProxy[]::new);
    }

    @Override
    public boolean isCyclic() {
      return failure.isCyclic();
    }
  }
}
