package io.registry.web.access;

import io.registry.access.auth.AccessRequest;
import io.registry.access.auth.Audit;
import io.registry.access.auth.AuditActor;
import io.registry.access.auth.Caller;
import io.registry.access.auth.PrivilegedKeys;
import io.registry.access.auth.PrivilegedSignature;
import io.registry.access.auth.SignedRequest;
import io.registry.platform.problem.Problem;
import io.registry.platform.problem.RegistryException;
import io.registry.web.http.KnownPath;
import jakarta.servlet.http.HttpServletRequest;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.springframework.web.util.UriUtils;

/**
 * Authenticates requests that are signed with a privileged key, whatever other credentials they
 * have.
 */
final class SignedCallers implements CallerResolver {
  private final PrivilegedKeys keys;
  private final Audit audit;
  private final CallerResolver others;

  /**
   * Creates the resolver.
   *
   * @param keys the privileged keys
   * @param audit records their use
   * @param others authenticates unsigned requests
   */
  SignedCallers(PrivilegedKeys keys, Audit audit, CallerResolver others) {
    this.keys = keys;
    this.audit = audit;
    this.others = others;
  }

  @Override
  public Caller of(HttpServletRequest request, AccessRequest target) {
    PrivilegedSignature signature = keys.check(signed(request));
    String method = request.getMethod();
    String path = request.getRequestURI();
    if (signature instanceof PrivilegedSignature.Valid valid) {
      audit.privilegedUsed(AuditActor.of(valid.caller(), request.getRemoteAddr()), method, path);
      return valid.caller();
    }
    if (signature instanceof PrivilegedSignature.Refused refused) {
      audit.privilegedRefused(anonymous(request), method, path, refused.reason());
      throw new RegistryException(Problem.UNAUTHENTICATED, refused.reason());
    }
    if (signature instanceof PrivilegedSignature.Malformed malformed) {
      audit.privilegedRefused(anonymous(request), method, path, malformed.reason());
      throw new RegistryException(Problem.INVALID, malformed.reason());
    }
    return others.of(request, target);
  }

  private static AuditActor anonymous(HttpServletRequest request) {
    return AuditActor.of(new Caller.Anonymous(), request.getRemoteAddr());
  }

  private static SignedRequest signed(HttpServletRequest request) {
    Map<String, List<String>> headers =
        Collections.list(request.getHeaderNames()).stream()
            .distinct()
            .collect(
                Collectors.toMap(
                    Function.identity(), name -> Collections.list(request.getHeaders(name))));
    return new SignedRequest(
        request.getMethod(),
        UriUtils.decode(KnownPath.sent(request), StandardCharsets.UTF_8),
        headers);
  }
}
