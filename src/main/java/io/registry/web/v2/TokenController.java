package io.registry.web.v2;

import io.registry.access.auth.Access;
import io.registry.access.auth.AccessRequest;
import io.registry.access.auth.AccessToken;
import io.registry.access.auth.Audit;
import io.registry.access.auth.AuditActor;
import io.registry.access.auth.Caller;
import io.registry.access.auth.ConditionalOnIndexMode;
import io.registry.access.auth.ExternalTokenProperties;
import io.registry.access.auth.IndexMode;
import io.registry.content.repository.RepositoryName;
import io.registry.platform.json.JsonCodec;
import io.registry.platform.problem.Problem;
import io.registry.platform.problem.RegistryException;
import io.registry.web.access.RequestLimits;
import io.registry.web.http.AnswerHeaders;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Enumeration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/**
 * Gives bearer tokens (Docker token authentication, by GET; OAuth2 for Docker, by POST). A token is
 * for what the client may do of what it asks for. What the client may do is decided again when it
 * shows the token, so that a right that is taken away counts at once.
 */
@RestController
@ConditionalOnV2
@ConditionalOnIndexMode({IndexMode.EMBEDDED, IndexMode.REMOTE})
class TokenController {
  private static final String REPOSITORY = "repository:";
  private static final AccessRequest WHO = new AccessRequest.OfSearch();

  private final TokenDesk desk;
  private final ExternalTokenProperties elsewhere;
  private final RequestLimits limits;
  private final Audit audit;
  private final JsonCodec codec;
  private final Clock clock;

  TokenController(
      TokenDesk desk,
      ExternalTokenProperties elsewhere,
      RequestLimits limits,
      Audit audit,
      JsonCodec codec,
      Clock clock) {
    this.desk = desk;
    this.elsewhere = elsewhere;
    this.limits = limits;
    this.audit = audit;
    this.codec = codec;
    this.clock = clock;
  }

  @GetMapping(V2AccessRequests.TOKEN)
  ResponseEntity<byte[]> get(HttpServletRequest request) {
    return issue(request);
  }

  @PostMapping(
      path = V2AccessRequests.TOKEN,
      consumes = MediaType.APPLICATION_FORM_URLENCODED_VALUE)
  ResponseEntity<byte[]> post(
      @RequestParam(name = "grant_type", defaultValue = "") String grantType,
      @RequestParam(defaultValue = "") String username,
      @RequestParam(defaultValue = "") String password,
      HttpServletRequest request) {
    if (!grantType.equals("password")) {
      throw new V2Exception(
          Problem.INVALID, ErrorCode.UNSUPPORTED, "The only grant type is password");
    }
    return issue(new SignedIn(request, username, password));
  }

  private ResponseEntity<byte[]> issue(HttpServletRequest request) {
    if (elsewhere.isOn()) {
      throw new RegistryException(Problem.NOT_FOUND, "Tokens are given elsewhere");
    }
    Caller caller = desk.of(request, WHO);
    limits.count(request, caller);
    String authorization = request.getHeader(HttpHeaders.AUTHORIZATION);
    List<AccessToken> tokens =
        desk.issue(
            caller,
            authorization == null || caller instanceof Caller.Anonymous ? "" : authorization,
            wanted(request.getParameterValues("scope")));
    AuditActor actor = AuditActor.of(caller, request.getRemoteAddr());
    tokens.forEach(each -> audit.tokenIssued(actor, each.repository(), each.access()));
    String token = V2Tokens.join(tokens);
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("token", token);
    body.put("access_token", token);
    body.put("expires_in", desk.lifetime().toSeconds());
    body.put("issued_at", clock.instant().truncatedTo(ChronoUnit.SECONDS).toString());
    HttpHeaders headers = AnswerHeaders.uncached();
    headers.setCacheControl("no-store");
    return ResponseEntity.ok()
        .headers(headers)
        .contentType(MediaType.APPLICATION_JSON)
        .body(codec.render(body));
  }

  // Scopes of other kinds, and repositories that cannot be, are left out: a token with fewer rights
  // than were asked for is no error.
  private static Map<RepositoryName, Set<Access>> wanted(String[] scopes) {
    Map<RepositoryName, Set<Access>> wanted = new LinkedHashMap<>();
    for (String scope : scopes == null ? new String[0] : scopes) {
      for (String one : scope.split(" ", -1)) {
        add(wanted, one);
      }
    }
    return wanted;
  }

  // The form is repository:NAME:ACTION,ACTION (Distribution, token scope documentation).
  private static void add(Map<RepositoryName, Set<Access>> wanted, String scope) {
    int last = scope.lastIndexOf(':');
    if (!scope.startsWith(REPOSITORY) || last <= REPOSITORY.length()) {
      return;
    }
    Optional<RepositoryName> repository =
        V2Names.find(scope.substring(REPOSITORY.length(), last))
            .filter(name -> wanted.containsKey(name) || wanted.size() < V2Tokens.MAX_TOKENS);
    for (String action : scope.substring(last + 1).split(",", -1)) {
      repository.ifPresent(
          name ->
              wanted
                  .computeIfAbsent(name, key -> EnumSet.noneOf(Access.class))
                  .addAll(Access.ofAction(action)));
    }
  }

  /** A request whose form has what others have in a header. */
  private static final class SignedIn extends HttpServletRequestWrapper {
    private final String header;

    SignedIn(HttpServletRequest request, String name, String password) {
      super(request);
      byte[] credentials = (name + ":" + password).getBytes(StandardCharsets.UTF_8);
      this.header = "Basic " + Base64.getEncoder().encodeToString(credentials);
    }

    @Override
    public String getHeader(String name) {
      return HttpHeaders.AUTHORIZATION.equalsIgnoreCase(name) ? header : super.getHeader(name);
    }

    @Override
    public Enumeration<String> getHeaders(String name) {
      return HttpHeaders.AUTHORIZATION.equalsIgnoreCase(name)
          ? Collections.enumeration(List.of(header))
          : super.getHeaders(name);
    }
  }
}
