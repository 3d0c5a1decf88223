package io.registry.testkit;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;

/** Time that passes only when the test lets it. */
public final class PassingClock extends Clock {
  private volatile Instant now;

  /** One that begins on a day in 2013. */
  public PassingClock() {
    this(Instant.parse("2013-03-26T12:00:00Z"));
  }

  /** One that begins at that moment. */
  public PassingClock(Instant now) {
    this.now = now;
  }

  /** Lets that much time pass, or takes it back. */
  public void pass(Duration time) {
    now = now.plus(time);
  }

  @Override
  public Instant instant() {
    return now;
  }

  @Override
  public ZoneId getZone() {
    return ZoneOffset.UTC;
  }

  @Override
  public Clock withZone(ZoneId zone) {
    throw new UnsupportedOperationException("nobody asks what day it is");
  }
}
