package io.registry.settings;

import io.registry.problem.SetupException;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Tells in a few lines, instead of a stack trace, why the registry cannot start. */
class SetupFailureAnalyzer extends AbstractFailureAnalyzer<SetupException> {

  @Override
  protected FailureAnalysis analyze(Throwable failure, SetupException cause) {
    return new FailureAnalysis(String.valueOf(cause.getMessage()), cause.remedy(), cause);
  }
}
