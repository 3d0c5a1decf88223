package io.registry.storage;

import io.registry.storage.StorageMeters.Operation;
import io.registry.storage.StorageMeters.Outcome;
import io.registry.trace.TracedPart;
import io.registry.trace.Traces;

/**
 * Something that a store is asked in one call or in several, of which only the time that they take
 * counts. Of failures the first one. For one thread at a time.
 */
final class MeasuredCall {
  private final Operation operation;
  private final StorageMeters meters;
  private final TracedPart part;
  private Outcome outcome = Outcome.OK;
  private long nanos;
  private boolean ended;

  MeasuredCall(Operation operation, StorageMeters meters, Traces traces) {
    this.operation = operation;
    this.meters = meters;
    this.part = traces.begin(operation.traced());
  }

  /** Adds a call that began then and has just succeeded. */
  void add(long start) {
    nanos += System.nanoTime() - start;
  }

  /** Adds a call that began then and has just failed. */
  void addFailure(long start, Throwable failure) {
    add(start);
    if (outcome == Outcome.OK) {
      outcome = Outcome.of(failure);
    }
    if (outcome != Outcome.OK) {
      part.fail(failure);
    }
  }

  /** Says that there is no such thing. */
  void missed() {
    outcome = Outcome.NOT_FOUND;
  }

  /** Counts it, once. */
  void end() {
    if (!ended) {
      ended = true;
      meters.called(operation, outcome, nanos);
      part.close();
    }
  }

  /** Counts it when it has failed, and forgets it otherwise. */
  void giveUp() {
    if (outcome == Outcome.OK && !ended) {
      ended = true;
      part.close();
    }
    end();
  }
}
