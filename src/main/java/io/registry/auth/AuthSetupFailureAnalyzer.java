package io.registry.auth;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Tells in a few lines, instead of a stack trace, why the registry cannot start. */
class AuthSetupFailureAnalyzer extends AbstractFailureAnalyzer<AuthSetupException> {

  @Override
  protected FailureAnalysis analyze(Throwable failure, AuthSetupException cause) {
    return new FailureAnalysis(String.valueOf(cause.getMessage()), cause.remedy(), cause);
  }
}
