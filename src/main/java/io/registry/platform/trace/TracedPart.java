package io.registry.platform.trace;

import java.util.Map;

/** A span of a trace, from its beginning until it is closed. May be used by any thread. */
public interface TracedPart extends AutoCloseable {

  /** Adds an attribute. Never a secret: traces are sent to another system. */
  void note(String name, String value);

  /** Records a failure. */
  void fail(Throwable failure);

  /**
   * The headers that make the receiver of a request part of this span; empty when nothing is
   * traced.
   */
  Map<String, String> headers();

  /** Ends the span. */
  @Override
  void close();
}
