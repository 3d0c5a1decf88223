package io.registry.trace;

import java.util.Map;

/**
 * What is traced of a request on its way through the registry and on to others. Whoever works for a
 * request that is not traced, or for no request, is not traced either.
 */
public interface Traces {

  /** Traces nothing. */
  Traces NONE = new Untraced();

  /**
   * Begins a part of what this thread is doing. Others that this thread asks meanwhile know nothing
   * of it, unless they are told its headers.
   *
   * @param name what is done, one of a few
   * @return the part, which the caller ends in any thread
   */
  TracedPart begin(String name);

  /**
   * What to send along, so that whoever is asked can tell that it is a part of what this thread is
   * doing (W3C Trace Context).
   *
   * @return names and values of headers; none when nothing is traced
   */
  Map<String, String> headers();

  /**
   * The same work as a part of what this thread is doing now, whichever thread runs it.
   *
   * @param work what is to be done
   */
  Runnable carried(Runnable work);
}
