package io.registry.storage;

import io.registry.platform.trace.TracedPart;
import io.registry.platform.trace.Traces;
import io.registry.storage.StorageMeters.Operation;
import io.registry.storage.StorageMeters.Outcome;

/**
 * A measured operation of the store that consists of one or more calls; only the time of the calls
 * counts. The first failure determines the outcome. For one thread at a time.
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

  /** Adds a call that began at the given time and has just succeeded. */
  void add(long start) {
    nanos += System.nanoTime() - start;
  }

  /** Adds a call that began at the given time and has just failed. */
  void addFailure(long start, Throwable failure) {
    add(start);
    if (outcome == Outcome.OK) {
      outcome = Outcome.of(failure);
    }
    if (outcome != Outcome.OK) {
      part.fail(failure);
    }
  }

  /** Sets the outcome that the object does not exist. */
  void missed() {
    outcome = Outcome.NOT_FOUND;
  }

  /** Records the operation, once. */
  void end() {
    if (!ended) {
      ended = true;
      meters.called(operation, outcome, nanos);
      part.close();
    }
  }

  /** Records the operation if it has failed, and drops it otherwise. */
  void giveUp() {
    if (outcome == Outcome.OK && !ended) {
      ended = true;
      part.close();
    }
    end();
  }
}
