package io.registry.storage;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Tells in a few lines, instead of a stack trace, why the registry cannot start on a store. */
class StorageSetupFailureAnalyzer extends AbstractFailureAnalyzer<StorageSetupException> {

  @Override
  protected FailureAnalysis analyze(Throwable failure, StorageSetupException cause) {
    return new FailureAnalysis(String.valueOf(cause.getMessage()), cause.remedy(), cause);
  }
}
