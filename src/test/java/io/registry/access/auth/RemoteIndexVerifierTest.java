package io.registry.access.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.registry.content.image.ImageId;
import io.registry.content.repository.RepositoryName;
import io.registry.testkit.FakeIndex;
import io.registry.testkit.FakeIndex.Question;
import io.registry.testkit.PassingClock;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.util.unit.DataSize;

@ExtendWith(OutputCaptureExtension.class)
class RemoteIndexVerifierTest extends TokenVerifierContract {
  private static final Duration SHORT = Duration.ofMillis(300);
  private static final Duration REST = Duration.ofSeconds(5);

  private final PassingClock clock = new PassingClock();
  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();

  @Override
  protected TokenVerifier newVerifier() {
    return verifier(RemoteIndexes.PATIENT, 1);
  }

  private TokenVerifier verifier(Duration timeout, int attempts) {
    return verifier(timeout, attempts, DataSize.ofMegabytes(16), 32);
  }

  private TokenVerifier verifier(
      Duration timeout, int attempts, DataSize answerSize, int questions) {
    return RemoteIndexes.verifier(
        RemoteIndexes.settings(index, timeout, attempts, answerSize, questions, Duration.ZERO),
        clock,
        meters);
  }

  private long counted(String question, String outcome) {
    return meters
        .find("registry.index.questions")
        .tags("question", question, "outcome", outcome)
        .timers()
        .stream()
        .mapToLong(timer -> timer.count())
        .sum();
  }

  @Test
  void theIndexIsShownTheHeaderAsItCame() {
    AccessToken token = token("read");
    assertThat(verifier.verify(token)).isPresent();
    assertThat(verifier.mayAccess(token, IMAGE)).isFalse();

    assertThat(index.questions())
        .extracting(Question::path)
        .containsExactly(
            "/v1/repositories/team/app/images",
            "/v1/repositories/team/app/layer/" + IMAGE + "/access");
    assertThat(index.questions())
        .allSatisfy(
            question -> {
              assertThat(question.header("authorization")).containsExactly(token.header());
              assertThat(question.header("cookie")).isEmpty();
              assertThat(question.header("upgrade")).isEmpty();
            });
  }

  private static AccessToken password(Access access) {
    return new AccessToken("Basic YWxpY2U6cHc=", APP, access);
  }

  @Test
  void aPasswordIsAskedAboutByWhatItWouldDo() {
    index.always(exchange -> FakeIndex.body(200, "[{\"id\": \"" + IMAGE + "\"}]").answer(exchange));

    assertThat(verifier.verify(password(Access.READ)))
        .contains(new Grant("", APP, Access.READ, Set.of(IMAGE)));
    assertThat(index.questions()).extracting(Question::method).containsExactly("GET");

    assertThat(verifier.verify(password(Access.WRITE)))
        .contains(new Grant("", APP, Access.WRITE, Set.of(IMAGE)));
    assertThat(index.questions()).extracting(Question::method).containsExactly("GET", "PUT", "GET");
    Question push = index.questions().get(1);
    assertThat(push.path()).isEqualTo("/v1/repositories/team/app/");
    assertThat(push.body()).isEqualTo("[]");
    assertThat(push.header("authorization")).containsExactly("Basic YWxpY2U6cHc=");

    assertThat(verifier.verify(password(Access.DELETE))).isEmpty();
    assertThat(index.timesAsked()).isEqualTo(3);
  }

  @Test
  void whoMayReadMayNotPushForThat() {
    index.always(
        exchange ->
            FakeIndex.body(exchange.getRequestMethod().equals("GET") ? 200 : 403, "[]")
                .answer(exchange));

    assertThat(verifier.verify(password(Access.READ))).isPresent();
    assertThat(verifier.verify(password(Access.WRITE))).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"200, true", "201, true", "202, false", "204, false", "403, false"})
  void aPushBeginsWithTheseStatuses(int status, boolean allowed) {
    index.always(
        FakeIndex.body(
            status,
            status == 204 ? "" : "\"\"",
            "X-Docker-Token",
            "signature=x,repository=\"team/app\",access=write"));

    assertThat(
            RemoteIndexes.verifier(RemoteIndexes.settings(index, Duration.ZERO))
                .token("Basic YWxpY2U6cHc=", APP, Access.WRITE)
                .isPresent())
        .isEqualTo(allowed);
  }

  @Test
  void aTokenForLessOrForAnotherRepositoryIsNone() {
    RemoteIndexVerifier asked =
        RemoteIndexes.verifier(RemoteIndexes.settings(index, Duration.ZERO));
    for (String token :
        List.of(
            "signature=x,repository=\"team/app\",access=read",
            "signature=x,repository=\"team/other\",access=write",
            "sigv2=opaque")) {
      index.always(FakeIndex.body(200, "\"\"", "X-Docker-Token", token));
      assertThat(asked.token("Basic YWxpY2U6cHc=", APP, Access.WRITE)).isEmpty();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "a/b/c, a/b%2Fc",
    "a/b c, a/b%20c",
    "a/b+c, a/b%2Bc",
    "a?x=1/b#c, a%3Fx%3D1/b%23c",
    "a%2Fb/c, a%252Fb/c",
    "a;v/b&c, a%3Bv/b%26c",
    "a/..b, a/..b",
    "user:pw@host/x, user%3Apw%40host/x"
  })
  void noNameLeadsOutOfItsPlaceInThePath(String name, String path) {
    AccessToken token = new AccessToken("Token x=y", RepositoryName.parse(name), Access.READ);
    assertThat(verifier.verify(token)).isEmpty();
    assertThat(index.questions().get(0).path()).isEqualTo("/v1/repositories/" + path + "/images");
  }

  @Test
  void ofTheListOnlyImageIdsCount() {
    String list =
        """
        [{"id": "%s", "checksum": "x", "Tag": "v1"}, {"checksum": "x"}, {"id": 7}, {"id": null},
         "text", null, [], 7, {"id": "0123456789abcdef"}, {"id": "../../x"}, {"id": "%s\\n"},
         {"id": "ABCDEF0123456789"}, {}]
        """
            .formatted(IMAGE, OTHER);
    index.always(FakeIndex.body(200, list));

    assertThat(verifier.verify(token("read")).orElseThrow().images())
        .containsExactlyInAnyOrder(IMAGE, new ImageId("0123456789abcdef"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"[]", "{}", " [ ]\n"})
  void anEmptyListIsAGrantWithoutImages(String list) {
    index.always(FakeIndex.body(200, list));
    assertThat(verifier.verify(token("read")).orElseThrow().images()).isEmpty();
  }

  @Test
  void aLongListIsRead() {
    List<String> ids =
        IntStream.range(0, 100_000).mapToObj(number -> "%064x".formatted(number)).toList();
    index.list(REPOSITORY, ids.toArray(String[]::new));
    assertThat(verifier.verify(token("read")).orElseThrow().images()).hasSize(100_000);
  }

  @ParameterizedTest
  @ValueSource(ints = {201, 204, 400, 401, 402, 403, 404, 405, 410, 418, 451})
  void theseStatusesAreANo(int status) {
    index.always(FakeIndex.body(status, status == 204 ? "" : "[{\"id\": \"" + IMAGE + "\"}]"));
    AccessToken token = token("write");
    assertThat(verifier.verify(token)).isEmpty();
    assertThat(verifier.mayAccess(token, IMAGE)).isFalse();
    assertThat(index.timesAsked()).isEqualTo(2);
    assertThat(counted("images", "no")).isEqualTo(1);
    assertThat(counted("access", "no")).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(ints = {300, 301, 302, 304, 307, 407, 408, 425, 429, 500, 502, 503, 504, 599})
  void theseStatusesAreNoAnswer(int status) {
    index.always(FakeIndex.status(status));
    AccessToken token = token("write");
    assertUnavailable(() -> verifier.verify(token));
    assertUnavailable(() -> verifier.mayAccess(token, IMAGE));
    assertThat(counted("images", "failed")).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "<html>200 OK</html>",
        "[{\"id\": \"",
        "[] []",
        "null",
        "true",
        "7",
        "\"[]\"",
        "{\"id\": \"x\"}"
      })
  void whatIsNoListIsNoAnswer(String body) {
    index.always(FakeIndex.body(200, body));
    assertUnavailable(() -> verifier.verify(token("write")));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "[]",
        "true",
        "[true]",
        "{\"access\": false}",
        "{\"access\": \"true\"}",
        "{\"access\": 1}",
        "{\"access\": null}",
        "{\"access\": {\"access\": true}}",
        "{\"Access\": true}",
        "{\"access\": true, \"access\": false}"
      })
  void onlyTrueGivesAccess(String body) {
    index.always(FakeIndex.body(200, body));
    assertThat(verifier.mayAccess(token("write"), IMAGE)).isFalse();
  }

  @Test
  void noJsonIsNoAnswerToTheQuestionForAnImageEither() {
    index.always(FakeIndex.body(200, "yes"));
    assertUnavailable(() -> verifier.mayAccess(token("write"), IMAGE));
  }

  @Test
  void nobodyIsShownTheTokenBesideTheIndex() {
    try (FakeIndex elsewhere = FakeIndex.start()) {
      index.always(
          FakeIndex.body(302, "", "Location", elsewhere.endpoint() + "/v1/x", "Set-Cookie", "a=b"));
      assertUnavailable(() -> verifier.verify(token("read")));
      assertUnavailable(() -> verifier.verify(token("read")));
      assertThat(elsewhere.timesAsked()).isZero();
      assertThat(index.questions().get(1).header("cookie")).isEmpty();
    }
  }

  @Test
  void anAnswerThatIsTooLargeIsNotRead() {
    TokenVerifier narrow = verifier(RemoteIndexes.PATIENT, 1, DataSize.ofBytes(100), 32);
    index.always(FakeIndex.body(200, "[]" + " ".repeat(98)));
    assertThat(narrow.verify(token("read"))).isPresent();

    for (int i = 0; i < 20; i++) {
      index.next(FakeIndex.body(200, "[]" + " ".repeat(99)));
      assertUnavailable(() -> narrow.verify(token("read")));
    }
    assertThat(narrow.verify(token("read"))).as("that is not why the others wait").isPresent();
  }

  @Test
  void aSilentIndexIsWaitedForUntilTheDeadline() {
    TokenVerifier hasty = verifier(SHORT, 3);
    index.always(index.hang());
    assertUnavailable(() -> hasty.verify(token("read")));
    assertThat(index.timesAsked()).as("there is no time for another attempt").isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(ints = {200, 401})
  void anAnswerThatDripsIsCutOffAtTheDeadline(int status) {
    TokenVerifier hasty = verifier(SHORT, 3);
    index.always(index.drip(status));
    assertUnavailable(() -> hasty.verify(token("read")));
    assertThat(index.awaitLostConnection()).isTrue();
  }

  @Test
  void aFailureThatPassesIsNotNoticed() {
    TokenVerifier twice = verifier(RemoteIndexes.PATIENT, 2);
    AccessToken token = token("read");
    index.next(FakeIndex.status(503));
    assertThat(twice.verify(token)).isPresent();
    index.next(FakeIndex.status(500));
    assertThat(twice.mayAccess(token, IMAGE)).isFalse();
    assertThat(index.timesAsked()).isEqualTo(4);

    index.next(FakeIndex.status(503), FakeIndex.status(503));
    assertUnavailable(() -> twice.verify(token));
    assertThat(index.timesAsked()).isEqualTo(6);
  }

  @Test
  void anIndexThatSaysNoOrAsksForRestIsNotAskedTwice() {
    TokenVerifier thrice = verifier(RemoteIndexes.PATIENT, 3);
    index.next(FakeIndex.status(401));
    assertThat(thrice.verify(token("read"))).isEmpty();
    index.next(FakeIndex.status(429));
    assertUnavailable(() -> thrice.verify(token("read")));
    index.next(FakeIndex.body(200, "no JSON"));
    assertUnavailable(() -> thrice.verify(token("read")));
    assertThat(index.timesAsked()).isEqualTo(3);
  }

  @Test
  void aConnectionThatBreaksIsNoAnswer() {
    index.always(FakeIndex.cut());
    assertUnavailable(() -> verifier.verify(token("read")));
    assertUnavailable(() -> verifier.mayAccess(token("read"), IMAGE));
  }

  @Test
  void anIndexThatIsDownIsLeftAloneUntilItIsBack(CapturedOutput output) {
    AccessToken token = token("read");
    index.down();
    for (int i = 0; i < 20; i++) {
      assertUnavailable(() -> verifier.verify(token));
    }
    assertThat(counted("images", "failed")).isEqualTo(5);
    assertThat(counted("images", "left-alone")).isEqualTo(15);

    index.up();
    assertUnavailable(() -> verifier.verify(token));
    clock.pass(REST.plusMillis(1));
    assertThat(verifier.verify(token)).isPresent();
    assertThat(verifier.verify(token)).isPresent();
    assertThat(index.timesAsked()).isEqualTo(2);

    assertThat(lines(output, "WARN"))
        .singleElement()
        .asString()
        .contains("requests to it are suspended");
    assertThat(lines(output, "answers again")).filteredOn(line -> line.contains("INFO")).hasSize(1);
    assertThat(output.getAll()).doesNotContain("secret");
  }

  private static List<String> lines(CapturedOutput output, String part) {
    return output.getAll().lines().filter(line -> line.contains(part)).toList();
  }

  @Test
  void anIndexThatGoesOnFailingIsAskedOncePerRest(CapturedOutput output) {
    AccessToken token = token("read");
    index.always(FakeIndex.status(502));
    for (int i = 0; i < 10; i++) {
      assertUnavailable(() -> verifier.verify(token));
    }
    assertThat(index.timesAsked()).isEqualTo(5);
    for (int rest = 1; rest <= 3; rest++) {
      clock.pass(REST.plusMillis(1));
      for (int i = 0; i < 10; i++) {
        assertUnavailable(() -> verifier.mayAccess(token, IMAGE));
      }
      assertThat(index.timesAsked()).isEqualTo(5 + rest);
    }
    assertThat(lines(output, "WARN")).singleElement().asString().contains("502");
  }

  @Test
  void anIndexThatOftenSaysNoWorks() {
    AccessToken token = token("read");
    index.revoke(token.header());
    for (int i = 0; i < 30; i++) {
      assertThat(verifier.verify(token)).isEmpty();
    }
    assertThat(index.timesAsked()).isEqualTo(30);
  }

  @Test
  void oneWhoFindsNoPlaceInTimeIsNoSignOfAFailingIndex() throws Exception {
    TokenVerifier narrow = verifier(RemoteIndexes.PATIENT, 1, DataSize.ofMegabytes(1), 1);
    CountDownLatch latch = new CountDownLatch(1);
    AccessToken token = token("read");
    index.next(index.held(latch));
    Thread first = new Thread(() -> narrow.verify(token));
    first.start();
    await().until(() -> index.timesAsked() == 1);

    Thread second = new Thread(() -> narrow.verify(token));
    second.start();
    await().until(() -> second.getState() == Thread.State.TIMED_WAITING);
    assertThat(index.timesAsked()).isEqualTo(1);
    second.interrupt();
    second.join();
    latch.countDown();
    first.join();
    assertThat(counted("images", "failed")).isEqualTo(1);
    assertThat(narrow.verify(token)).isPresent();
  }
}
