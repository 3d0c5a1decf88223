package io.registry.platform.trace;

import java.util.Map;

/**
 * Traces requests through the registry and to the services that it calls. Work for a request that
 * is not traced, or for no request, is not traced either.
 */
public interface Traces {

  /** Traces nothing. */
  Traces NONE = new Untraced();

  /**
   * Starts a span within the current span of this thread. The new span does not become the current
   * one: services that are called meanwhile belong to it only if they get its headers.
   *
   * @param name the operation, one of a small set
   * @return the span; any thread may end it
   */
  TracedPart begin(String name);

  /**
   * The headers that make the receiver of a request part of this thread's current span (W3C Trace
   * Context).
   *
   * @return names and values of headers; empty when nothing is traced
   */
  Map<String, String> headers();

  /**
   * Wraps work so that it belongs to this thread's current span, whichever thread runs it.
   *
   * @param work the work
   */
  Runnable carried(Runnable work);
}
