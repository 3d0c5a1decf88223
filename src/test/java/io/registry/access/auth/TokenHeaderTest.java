package io.registry.access.auth;

import static org.assertj.core.api.Assertions.assertThat;

import io.registry.content.repository.RepositoryName;
import io.registry.platform.problem.RegistryException;
import io.registry.testkit.RandomCases;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TokenHeaderTest {
  private static final String FIELDS = "signature=123abc,repository=\"team/app\",access=read";
  private static final RepositoryName APP = new RepositoryName("team", "app");

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Token " + FIELDS,
        "Token Token " + FIELDS,
        "token TOKEN  tOKen   " + FIELDS,
        "Token signature=123abc, repository=\"team/app\",  access=read",
        "Token repository=team/app,access=\"read\",signature=\"123abc\"",
        "Token access=read,repository=team/app",
        "Token sigv2=e30=.AA-_~/+==,repository=team/app,access=read,expires=1,user=\"a b\""
      })
  void aTokenIsReadInEachOfItsForms(String header) {
    assertThat(TokenHeader.parse(header))
        .isEqualTo(new TokenHeader.Claim(new AccessToken(header, APP, Access.READ)));
    assertThat(TokenHeader.token(header)).contains(new AccessToken(header, APP, Access.READ));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "Basic Og==",
        "Bearer x",
        "Tokens a=b",
        "Token",
        "Token ",
        "token  Token",
        "Tok"
      })
  void whatHasNoTokenIsTold(String header) {
    boolean bare = header.startsWith("token") || header.strip().equals("Token");
    assertThat(TokenHeader.parse(header))
        .isEqualTo(bare ? new TokenHeader.Bare() : new TokenHeader.Foreign());
    assertThat(TokenHeader.token(header)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Token junk",
        "Token ,",
        "Token =",
        // No repository, no access, or none that is known.
        "Token signature=x,access=write",
        "Token signature=x,repository=\"team/app\"",
        "Token repository=\"team/app\",access=admin",
        "Token repository=\"team/app\",access=Read",
        "Token repository=\"team/app\",access=\"read \"",
        "Token repository=\"team/app\",access=read,write",
        // Empty.
        "Token repository=\"team/app\",access=",
        "Token repository=\"team/app\",access=\"\"",
        "Token signature=,repository=\"team/app\",access=read",
        "Token repository=\"/app\",access=read",
        "Token repository=\"team/\",access=read",
        // Twice, whatever is said.
        "Token access=read,repository=\"team/app\",access=read",
        "Token access=read,repository=\"team/app\",repository=\"team/other\"",
        "Token signature=a,repository=\"team/app\",access=read,signature=a",
        "Token " + FIELDS + ",Token " + FIELDS,
        // Names that another reader may take for ours.
        "Token Repository=\"team/app\",access=read",
        "Token repository=\"team/app\",access=read,ACCESS=write",
        // Not exactly one slash, or not the one spelling.
        "Token repository=\"app\",access=read",
        "Token repository=\"team/app/x\",access=read",
        "Token repository=\"team//app\",access=read",
        "Token repository=\"team/b%2fc\",access=read",
        "Token repository=\"team/%61pp\",access=read",
        "Token repository=\"team/a~b\",access=read",
        "Token repository=\"team/a b\",access=read",
        "Token repository=\"team/%\",access=read",
        "Token repository=\"team/%zz\",access=read",
        "Token repository=\"team/%C3%A9\",access=read",
        "Token repository=\"team/..\",access=read",
        "Token repository=\"../app\",access=read",
        "Token repository=\"team/app?x\",access=read",
        "Token repository=\"team/app#\",access=read",
        "Token repository=\"team/x%2F..%2F..\",access=read",
        // Not the grammar.
        "Token signature:x,repository:\"team/app\",access:write",
        "Token repository=\"team/app,access=read",
        "Token repository=team/app\",access=read",
        "Token repository=\"team\"/app,access=read",
        "Token repository='team/app',access=read",
        "Token repository = \"team/app\",access=read",
        "Token repository=\"team/app\" ,access=read",
        "Token repository=\"team/app\" access=read",
        "Token repository=\"team/app\";access=read",
        "Token repository=\"team/app\",access=read,",
        "Token ,repository=\"team/app\",access=read",
        "Token repository=\"team/app\",,access=read",
        "Token repository=\"team/app\",access=read ",
        "Token\trepository=\"team/app\",access=read",
        "Token signature=a\\b,repository=\"team/app\",access=read",
        "Token signature=\"a,b\",repository=\"team/app\",access=read",
        "Token signature=\"a\\\"b\",repository=\"team/app\",access=read",
        "Token signature=a\tb,repository=\"team/app\",access=read",
        "Token signature=\"a\u0000b\",repository=\"team/app\",access=read",
        "Token signature=a\u007fb,repository=\"team/app\",access=read",
        "Token repository=\"team/app\",access=read\n",
        "Token repository=\"te\u00e9m/app\",access=read"
      })
  void whatIsNoTokenGivesNothing(String header) {
    assertThat(TokenHeader.parse(header)).isNotInstanceOf(TokenHeader.Claim.class);
    assertThat(TokenHeader.token(header)).isEmpty();
  }

  @Test
  void aHeaderThatIsTooLongIsRefused() {
    String rest = "," + FIELDS;
    String longest = "Token x=" + "y".repeat(TokenHeader.MAX_LENGTH - 8 - rest.length()) + rest;

    assertThat(longest).hasSize(TokenHeader.MAX_LENGTH);
    assertThat(TokenHeader.token(longest)).isPresent();
    assertThat(TokenHeader.parse(longest.replace("x=", "x=y")))
        .isEqualTo(new TokenHeader.Malformed());
  }

  @Test
  void aTokenSaysNothingOfItsSecret() {
    AccessToken token = TokenHeader.token("Token " + FIELDS).orElseThrow();
    assertThat(token).hasToString("AccessToken[read team/app]");
    assertThat(TokenHeader.parse("Token " + FIELDS).toString()).doesNotContain("123abc");
  }

  @Test
  void whatAnIndexIssuesForARepositoryIsReadAsThatRepository() {
    RandomCases.check(
        10_000,
        random -> {
          RepositoryName name = name(random);
          Access access = List.of(Access.READ, Access.WRITE, Access.DELETE).get(random.nextInt(3));
          List<String> fields =
              new ArrayList<>(
                  List.of(
                      field("repository", name.namespace() + "/" + name.encodedName(), random),
                      field("access", access.word(), random),
                      field("signature", "s" + random.nextInt(1_000_000), random),
                      field("more", "m=" + random.nextInt(10), random)));
          Collections.shuffle(fields, new Random(random.nextLong()));
          String header =
              "Token ".repeat(random.nextInt(1, 4))
                  + String.join("," + " ".repeat(random.nextInt(2)), fields);

          assertThat(TokenHeader.token(header)).contains(new AccessToken(header, name, access));
        });
  }

  private static String field(String name, String value, RandomGenerator random) {
    return value.contains(" ") || random.nextBoolean()
        ? name + "=\"" + value + '"'
        : name + "=" + value;
  }

  private static RepositoryName name(RandomGenerator random) {
    while (true) {
      try {
        return new RepositoryName(
            RandomCases.text(random, 8, "aZ9.-_%+ ~*"),
            RandomCases.text(random, 8, "aZ9.-_%+ ~*/\",=&?#:"));
      } catch (RegistryException e) {
        assertThat(e).hasMessage("Invalid repository name");
      }
    }
  }

  /** The original, literally (protocol 4.1). */
  private static final Pattern ORIGINAL = Pattern.compile("(\\w+)[:=][\\s\"]?([^\",]+)\"?");

  @Test
  void whateverIsReadTheOriginalWouldHaveReadTheSame() {
    AtomicInteger read = new AtomicInteger();
    RandomCases.check(
        50_000,
        random -> {
          String header = "Token " + soup(random);
          TokenHeader.token(header)
              .ifPresent(
                  token -> {
                    read.incrementAndGet();
                    assertThat(original(header, "repository"))
                        .containsExactly(
                            token.repository().namespace()
                                + "/"
                                + token.repository().encodedName());
                    assertThat(original(header, "access")).containsExactly(token.access().word());
                  });
        });
    assertThat(read).hasValueGreaterThan(20);
  }

  private static List<String> original(String header, String name) {
    List<String> values = new ArrayList<>();
    Matcher field = ORIGINAL.matcher(header.substring(header.indexOf(' ') + 1));
    while (field.find()) {
      if (field.group(1).equals(name)) {
        values.add(field.group(2));
      }
    }
    return values;
  }

  private static String soup(RandomGenerator random) {
    List<String> pieces =
        List.of(
            "repository=\"team/app\"",
            "access=read",
            "access=\"write\"",
            "repository=a/b",
            "signature=x",
            "access",
            "repository",
            "x",
            "=",
            ":",
            "\"",
            ",",
            ",",
            ",",
            " ",
            "Token ",
            "team/app",
            "%2F",
            "\\");
    StringBuilder text = new StringBuilder();
    for (int i = random.nextInt(1, 9); i > 0; i--) {
      text.append(pieces.get(random.nextInt(pieces.size())));
    }
    return text.toString();
  }

  @Test
  void anyTextIsReadWithoutFailing() {
    RandomCases.check(
        20_000,
        random -> {
          String text = RandomCases.oddText(random, 40, "tokenTOKEN =,\"/repository access");
          assertThat(TokenHeader.parse(random.nextBoolean() ? text : "Token " + text)).isNotNull();
        });
  }
}
