package io.registry.service;

import io.registry.access.auth.Access;
import io.registry.access.auth.Audit;
import io.registry.access.auth.AuditActor;
import io.registry.access.auth.Caller;
import io.registry.access.auth.ConditionalOnIndexMode;
import io.registry.access.auth.IndexMode;
import io.registry.access.auth.TokenIssuer;
import io.registry.content.repository.RepositoryName;
import org.springframework.stereotype.Service;

/** Gives tokens to callers, and tells the audit. */
@Service
@ConditionalOnIndexMode({IndexMode.STANDALONE, IndexMode.EMBEDDED})
public class TokenService {
  private final TokenIssuer tokens;
  private final Audit audit;

  TokenService(TokenIssuer tokens, Audit audit) {
    this.tokens = tokens;
    this.audit = audit;
  }

  /**
   * Issues a token, after everything that the caller asked for is done.
   *
   * @param address the address of the caller, for the audit
   * @param repository the repository that the token is good for
   * @param access what the token allows
   * @return its text as clients send it back, without the word {@code Token} before it
   */
  public String issue(Caller caller, String address, RepositoryName repository, Access access) {
    String token = tokens.issue(caller, repository, access);
    if (!(caller instanceof Caller.Unchecked)) {
      audit.tokenIssued(AuditActor.of(caller, address), repository, access);
    }
    return token;
  }
}
