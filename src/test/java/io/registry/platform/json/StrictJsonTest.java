package io.registry.platform.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is refused of the bodies of requests, and that no refusal quotes a value. */
class StrictJsonTest {
  private final StrictJson json = new StrictJson();

  /** A body with a field of each kind. */
  record Body(
      String name,
      Boolean active,
      Role role,
      Instant until,
      Optional<String> note,
      Inner inner,
      List<String> words) {}

  /** An object in it. */
  record Inner(String password) {}

  /** Its constants are lower-case words in JSON. */
  enum Role {
    READ_ONLY,
    ADMIN
  }

  /** A body with a field that cannot be absent. */
  record Count(int number) {}

  /** A body in itself. */
  record Nested(Nested next) {}

  @Test
  void whatIsWrittenIsReadAgain() {
    Body body =
        new Body(
            "ann",
            true,
            Role.READ_ONLY,
            Instant.parse("2030-01-31T12:00:00Z"),
            Optional.of("n"),
            new Inner("p"),
            List.of("a", "b"));

    byte[] bytes = json.write(body);

    assertThat(new String(bytes, StandardCharsets.UTF_8))
        .isEqualTo(
            """
            {"name":"ann","active":true,"role":"read_only","until":"2030-01-31T12:00:00Z",\
            "note":"n","inner":{"password":"p"},"words":["a","b"]}""");
    assertThat(json.read(bytes, Body.class)).isEqualTo(body);
  }

  @Test
  void whatIsAbsentIsNotWritten() {
    assertThat(json.write(read("{'name':'ann','note':null}", Body.class)))
        .asString(StandardCharsets.UTF_8)
        .isEqualTo("{\"name\":\"ann\"}");
  }

  @Test
  void wordsOfAListMayBeWrittenInCapitals() {
    assertThat(read("{'role':'Admin'}", Body.class).role()).isEqualTo(Role.ADMIN);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      textBlock =
          """
          {'nmae':'secret'}              | nmae: there is no such field
          {'inner':{'passwrod':'secret'}} | inner.passwrod: there is no such field
          {'name':7}                     | name: has to be a text
          {'name':7.5}                   | name: has to be a text
          {'name':true}                  | name: has to be a text
          {'name':['secret']}            | name: has to be a text
          {'inner':{'password':17}}      | inner.password: has to be a text
          {'inner':'secret'}             | inner: has to be an object
          {'active':'true'}              | active: has to be true or false
          {'active':1}                   | active: has to be true or false
          {'role':'secret'}              | role: has to be one of read_only, admin
          {'role':1}                     | role: has to be one of read_only, admin
          {'until':'secret'}             | until: has to be a time such as 2030-01-31T12:00:00Z
          """)
  void aFieldOfAnotherFormIsNamedAndItsValueIsNot(String body, String refusal) {
    assertRefused(body, Body.class, refusal);
  }

  @Test
  void aNumberCannotBeMissing() {
    assertThat(read("{'number':3}", Count.class)).isEqualTo(new Count(3));
    assertThatExceptionOfType(JsonMisfitException.class)
        .isThrownBy(() -> read("{'number':null}", Count.class))
        .withMessageContaining("number");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{",
        "secret",
        "{'name':'secret'",
        "{'name':'secret','name':'secret'}",
      })
  void whatIsNoJsonIsRefused(String body) {
    assertThatExceptionOfType(JsonMisfitException.class)
        .isThrownBy(() -> read(body, Body.class))
        .withMessageStartingWith("The body is not")
        .satisfies(refusal -> assertThat(refusal.getMessage()).doesNotContain("secret"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"null", "[]", "'secret'", "{} {}", "{'name':'secret'} x"})
  void anythingBesideOneObjectIsRefused(String body) {
    assertThatExceptionOfType(JsonMisfitException.class)
        .isThrownBy(() -> read(body, Body.class))
        .satisfies(refusal -> assertThat(refusal.getMessage()).doesNotContain("secret"));
  }

  @Test
  void nestingIsBounded() {
    assertThat(read(nested(20), Nested.class).next()).isNotNull();
    assertRefused(nested(21), Nested.class, "The body is not JSON");
  }

  private static String nested(int depth) {
    return "{'next':".repeat(depth - 1) + "{}" + "}".repeat(depth - 1);
  }

  private <T> T read(String body, Class<T> type) {
    return json.read(body.replace('\'', '"').getBytes(StandardCharsets.UTF_8), type);
  }

  private void assertRefused(String body, Class<?> type, String refusal) {
    assertThatExceptionOfType(JsonMisfitException.class)
        .isThrownBy(() -> read(body, type))
        .withMessage(refusal);
  }
}
