package io.registry.web.http;

import jakarta.servlet.ServletRequest;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;

/** The place of a request among those that run, until it is closed. For the request's thread. */
public final class Place implements AutoCloseable {
  private static final String ATTRIBUTE = Place.class.getName();

  private final ConcurrencyLimits limits;
  private final WorkKind kind;
  private final Deque<Runnable> held = new ArrayDeque<>();

  Place(ConcurrencyLimits limits, WorkKind kind) {
    this.limits = limits;
    this.kind = kind;
  }

  /** The place of a request; empty when requests of its kind are not bounded. */
  public static Optional<Place> of(ServletRequest request) {
    return request.getAttribute(ATTRIBUTE) instanceof Place place
        ? Optional.of(place)
        : Optional.empty();
  }

  void note(ServletRequest request) {
    request.setAttribute(ATTRIBUTE, this);
  }

  /**
   * Counts the request to an account, from whatever address it comes. While the account runs too
   * many requests, this one waits, without a place that others could use.
   *
   * @param account the account, whose name the client has proved
   * @throws io.registry.platform.problem.RetryLaterException when the wait is too long
   */
  public void countTo(String account) {
    limits.share(this, kind, account);
  }

  /** Adds what is done when the request ends, before what was added earlier. */
  void hold(Runnable release) {
    held.push(release);
  }

  /** Undoes what was added last. */
  void release() {
    held.pop().run();
  }

  @Override
  public void close() {
    while (!held.isEmpty()) {
      release();
    }
  }
}
