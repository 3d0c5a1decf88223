package io.registry.trace;

import java.util.Map;

/** A part of what is traced, from its beginning until it is closed. For any thread. */
public interface TracedPart extends AutoCloseable {

  /** Notes something of it. Never a secret: it is sent to whoever collects traces. */
  void note(String name, String value);

  /** Notes that it failed. */
  void fail(Throwable failure);

  /** What to send to whoever is asked as this part; none when nothing is traced. */
  Map<String, String> headers();

  /** Ends it. */
  @Override
  void close();
}
