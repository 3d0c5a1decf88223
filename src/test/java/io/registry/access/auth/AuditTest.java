package io.registry.access.auth;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.registry.content.image.ImageId;
import io.registry.content.repository.RepositoryName;
import io.registry.testkit.PassingClock;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;
import org.springframework.boot.actuate.audit.listener.AuditApplicationEvent;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

class AuditTest {
  private static final RepositoryName REPOSITORY = new RepositoryName("team", "app");
  private static final ImageId IMAGE = new ImageId("0123456789abcdef");
  private static final AuditActor ANNA =
      AuditActor.of(new Caller.Account("anna", false), "192.0.2.1");

  private final PassingClock clock = new PassingClock(Instant.parse("2026-11-25T12:00:00Z"));
  private final Logger logger = (Logger) LoggerFactory.getLogger(AuditLog.LOGGER);
  private final ListAppender<ILoggingEvent> written = new ListAppender<>();

  @BeforeEach
  void listen() {
    written.start();
    logger.addAppender(written);
  }

  @AfterEach
  void stopListening() {
    logger.detachAppender(written);
  }

  @Test
  void eachEventIsOneLineOfWhoWhatWhereAndOutcome() {
    audit(
        audit -> {
          audit.signedIn(ANNA);
          audit.signInFailed(AuditActor.claiming("bert", "2001:db8::1"), "wrong");
          audit.signInThrottled(AuditActor.claiming("bert", "2001:db8::1"));
          audit.tokenIssued(ANNA, REPOSITORY, Access.WRITE);
          audit.tokenRefused(ANNA, REPOSITORY, Access.DELETE, "forbidden");
          audit.accessRefused(
              new AuditActor("anonymous", "192.0.2.2"),
              REPOSITORY,
              Action.DELETE_TAG,
              Decision.UNAUTHENTICATED);
          audit.accessRefused(ANNA, IMAGE, Action.READ, Decision.HIDDEN);
          audit.passwordChanged(ANNA, "anna");
          audit.accountChanged(ANNA, "bert", "disabled");
        });

    assertThat(lines())
        .containsExactly(
            "event=sign-in who=user:anna from=192.0.2.1 outcome=success",
            "event=sign-in who=user:bert from=2001:db8::1 outcome=failure reason=wrong",
            "event=sign-in who=user:bert from=2001:db8::1 outcome=throttled",
            "event=token who=user:anna from=192.0.2.1 outcome=issued repository=team/app access=write",
            "event=token who=user:anna from=192.0.2.1 outcome=refused repository=team/app access=delete reason=forbidden",
            "event=access who=anonymous from=192.0.2.2 outcome=unauthenticated repository=team/app action=delete-tag",
            "event=access who=user:anna from=192.0.2.1 outcome=hidden image=0123456789abcdef action=read",
            "event=password who=user:anna from=192.0.2.1 outcome=changed account=anna",
            "event=account who=user:anna from=192.0.2.1 outcome=disabled account=bert");
  }

  @Test
  void everyUseOfAPrivilegedKeyIsTold() {
    AuditActor key = AuditActor.of(new Caller.Privileged("ci.pem"), "192.0.2.1");
    audit(
        audit -> {
          audit.privilegedUsed(key, "GET", "/v1/_ping");
          audit.privilegedUsed(key, "GET", "/v1/_ping");
          audit.privilegedRefused(
              AuditActor.of(new Caller.Anonymous(), "192.0.2.1"),
              "PUT",
              "/v1/x",
              "The signature was used before");
        });

    assertThat(lines())
        .containsExactly(
            "event=privileged who=key:ci.pem from=192.0.2.1 outcome=success method=GET path=/v1/_ping",
            "event=privileged who=key:ci.pem from=192.0.2.1 outcome=success method=GET path=/v1/_ping",
            "event=privileged who=anonymous from=192.0.2.1 outcome=refused method=PUT path=/v1/x reason=\"The signature was used before\"");
  }

  @Test
  void aTokenIsNeverWrittenDown() {
    Caller bearer =
        new Caller.Bearer(
            new AccessToken("Token signature=s3cret", REPOSITORY, Access.READ),
            new Grant("cleo", REPOSITORY, Access.READ, Set.of()));
    audit(
        audit ->
            audit.accessRefused(
                AuditActor.of(bearer, "192.0.2.1"), IMAGE, Action.READ, Decision.HIDDEN));

    assertThat(lines())
        .singleElement()
        .asString()
        .contains("who=token:cleo ")
        .doesNotContain("s3cret");
  }

  @Test
  void whatIsTheSameIsToldAgainOnlyAfterAWhile() {
    AuditActor elsewhere = AuditActor.of(new Caller.Account("anna", false), "192.0.2.9");
    audit(
        audit -> {
          for (int i = 0; i < 100; i++) {
            audit.signedIn(ANNA);
            audit.tokenIssued(ANNA, REPOSITORY, Access.READ);
            audit.accessRefused(ANNA, IMAGE, Action.READ, Decision.HIDDEN);
          }
          audit.signedIn(elsewhere);
          clock.pass(Duration.ofSeconds(61));
          audit.signedIn(ANNA);
          audit.accessRefused(ANNA, IMAGE, Action.READ, Decision.HIDDEN);
          clock.pass(Duration.ofHours(1));
          audit.signedIn(ANNA);
        });

    assertThat(lines())
        .extracting(line -> line.replaceAll("event=([^ ]+) .* from=([^ ]+) .*", "$1 $2"))
        .containsExactly(
            "sign-in 192.0.2.1",
            "token 192.0.2.1",
            "access 192.0.2.1",
            "sign-in 192.0.2.9",
            "access 192.0.2.1",
            "sign-in 192.0.2.1");
  }

  @Test
  void everyFailedSignInAndEveryChangeIsTold() {
    audit(
        audit -> {
          for (int i = 0; i < 3; i++) {
            audit.signInFailed(ANNA, "wrong");
            audit.passwordChanged(ANNA, "anna");
          }
        });

    assertThat(lines()).hasSize(6);
  }

  @Test
  void everySuccessIsToldWhenTheSettingSaysSo() {
    audit(
        audit -> {
          audit.signedIn(ANNA);
          audit.signedIn(ANNA);
        },
        "registry.auth.audit.repeat-after=0");

    assertThat(lines()).hasSize(2);
  }

  @Test
  void whatSomebodySentLooksNeitherLikeAPairNorLikeALine() {
    audit(
        audit -> {
          audit.signInFailed(
              AuditActor.claiming("a\" outcome=success\r\nevent=sign-in\u2028\u001b[2J\\", "::1"),
              "wrong");
          audit.signInFailed(AuditActor.claiming("x".repeat(10_000), ""), "wrong");
        });

    assertThat(lines().get(0))
        .isEqualTo(
            "event=sign-in who=\"user:a\\\" outcome=success\\u000d\\u000aevent=sign-in\\u2028\\u001b[2J\\\\\""
                + " from=::1 outcome=failure reason=wrong");
    assertThat(lines().get(1)).hasSizeLessThan(400).contains("x...\" from=\"\" ");
  }

  @Test
  void whatOthersTellIsNotWrittenDown() {
    registry()
        .run(
            context ->
                context.publishEvent(
                    new AuditApplicationEvent("anna", "AUTHENTICATION_SUCCESS", "session=s3cret")));

    assertThat(lines()).isEmpty();
  }

  private void audit(Consumer<Audit> told, String... settings) {
    registry()
        .withPropertyValues(settings)
        .run(context -> told.accept(context.getBean(Audit.class)));
  }

  private ApplicationContextRunner registry() {
    return new ApplicationContextRunner()
        .withConfiguration(AutoConfigurations.of(AuditConfiguration.class))
        .withBean(Clock.class, () -> clock);
  }

  private List<String> lines() {
    return written.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
  }
}
