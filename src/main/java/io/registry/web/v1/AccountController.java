package io.registry.web.v1;

import io.registry.access.auth.Audit;
import io.registry.access.auth.AuditActor;
import io.registry.access.auth.Caller;
import io.registry.access.auth.ConditionalOnIndexMode;
import io.registry.access.auth.IndexMode;
import io.registry.access.index.Account;
import io.registry.access.index.Accounts;
import io.registry.access.index.EmbeddedIndexProperties;
import io.registry.access.index.NewAccount;
import io.registry.platform.json.JsonCodec;
import io.registry.platform.problem.Problem;
import io.registry.platform.problem.RegistryException;
import io.registry.web.access.AccessFilter;
import io.registry.web.access.BasicSignIn;
import io.registry.web.access.RequestLimits;
import io.registry.web.http.AnswerHeaders;
import jakarta.servlet.http.HttpServletRequest;
import java.util.Optional;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.JsonNode;

/** The account requests of {@code docker login} to an index with accounts (protocol 2.5, 9.7). */
@RestController
@ConditionalOnIndexMode(IndexMode.EMBEDDED)
class AccountController {
  /** The exact text after which daemons up to 1.9 go on to sign in. */
  private static final String TAKEN = "Username or email already exists";

  private final Accounts accounts;
  private final BasicSignIn signIn;
  private final boolean registration;
  private final RequestLimits limits;
  private final Audit audit;
  private final JsonBody body;
  private final JsonCodec codec;
  private final V1Responses responses;

  AccountController(
      Accounts accounts,
      BasicSignIn signIn,
      EmbeddedIndexProperties settings,
      RequestLimits limits,
      Audit audit,
      JsonBody body,
      JsonCodec codec,
      V1Responses responses) {
    this.accounts = accounts;
    this.signIn = signIn;
    this.registration = settings.registration();
    this.limits = limits;
    this.audit = audit;
    this.body = body;
    this.codec = codec;
    this.responses = responses;
  }

  @GetMapping("/v1/users")
  ResponseEntity<byte[]> get(HttpServletRequest request) {
    limits.count(request);
    Caller.Account unused = signIn.signIn(request).orElseThrow(AccessFilter::unauthenticated);
    return responses.ok("OK");
  }

  // While registration is disabled, the answer must not reveal whether a name is taken.
  @PostMapping("/v1/users")
  ResponseEntity<byte[]> create(HttpServletRequest request) {
    limits.count(request);
    JsonNode json = json(request);
    if (!registration) {
      return responses.json(HttpStatus.BAD_REQUEST, TAKEN);
    }
    limits.countRegistration();
    NewAccount account =
        new NewAccount(
            text(json, "username").orElse(""),
            text(json, "password").orElse(""),
            text(json, "email").orElse(""),
            false);
    try {
      Account created = accounts.create(account);
      audit.accountChanged(
          AuditActor.of(new Caller.Anonymous(), request.getRemoteAddr()),
          created.name(),
          "created");
      return responses.json(HttpStatus.CREATED, "User Created");
    } catch (RegistryException e) {
      if (e.problem() != Problem.CONFLICT) {
        throw e;
      }
      return responses.json(HttpStatus.BAD_REQUEST, TAKEN);
    }
  }

  @PutMapping("/v1/users/{name}")
  ResponseEntity<byte[]> update(@PathVariable String name, HttpServletRequest request) {
    limits.count(request);
    Caller.Account caller =
        signIn.signInToChangePassword(request).orElseThrow(AccessFilter::unauthenticated);
    if (!caller.name().equals(name)) {
      throw new RegistryException(Problem.FORBIDDEN, "Access denied");
    }
    JsonNode json = json(request);
    AuditActor actor = AuditActor.of(caller, request.getRemoteAddr());
    Optional<String> password = text(json, "password");
    Optional<String> email = text(json, "email");
    accounts.update(name, password, email);
    password.ifPresent(changed -> audit.passwordChanged(actor, name));
    email.ifPresent(changed -> audit.accountChanged(actor, name, "email"));
    return responses.noContent(AnswerHeaders.uncached());
  }

  private JsonNode json(HttpServletRequest request) {
    return codec
        .parseUntrusted(body.read(request))
        .filter(JsonNode::isObject)
        .orElseThrow(() -> new RegistryException(Problem.INVALID, "Error Decoding JSON"));
  }

  private static Optional<String> text(JsonNode json, String field) {
    return Optional.ofNullable(json.get(field))
        .filter(JsonNode::isString)
        .map(JsonNode::stringValue)
        .filter(value -> !value.isEmpty());
  }
}
