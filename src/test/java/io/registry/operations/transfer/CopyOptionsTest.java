package io.registry.operations.transfer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.registry.operations.command.CommandLine;
import io.registry.operations.command.MisuseException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the command line of a copy means. */
class CopyOptionsTest {

  @Test
  void withoutOptionsACopyIsAPushOfTheUsualSpeed() {
    CopyOptions options = parse("app --to https://registry.example");

    assertThat(options.pulls()).isFalse();
    assertThat(options.replaces()).isFalse();
    assertThat(options.url()).isEqualTo("https://registry.example");
    assertThat(options.base()).hasToString("https://registry.example");
    assertThat(options.prefix()).isEmpty();
    assertThat(options.parallel()).isEqualTo(4);
    assertThat(options.rate()).isEmpty();
    assertThat(options.credentials()).isEmpty();
    assertThat(options.bundle()).isEmpty();
    assertThat(options.dryRun()).isFalse();
    assertThat(options.report()).isEmpty();
    assertThat(options.settings()).isEmpty();
  }

  @Test
  void everyOptionIsTaken() {
    CopyOptions options =
        parse(
            "--from=http://registry.example:5000/team/a/ --replace --all --parallel 64 --rate=50MB"
                + " --credentials=auth.json --ssl-bundle other --dry-run --report=-"
                + " --registry.storage.local.path=/store");

    assertThat(options.pulls()).isTrue();
    assertThat(options.replaces()).isTrue();
    assertThat(options.base()).hasToString("http://registry.example:5000");
    assertThat(options.prefix()).isEqualTo("team/a/");
    assertThat(options.parallel()).isEqualTo(64);
    assertThat(options.rate()).isPresent();
    assertThat(options.credentials()).hasValue(Path.of("auth.json"));
    assertThat(options.bundle()).isEqualTo("other");
    assertThat(options.dryRun()).isTrue();
    assertThat(options.report()).hasValue("-");
    assertThat(options.settings()).containsExactly("--registry.storage.local.path=/store");
  }

  @Test
  void aFileOfCertificatesBecomesABundle() {
    CopyOptions options = parse("app --to https://registry.example --cacert ca.pem");

    assertThat(options.bundle()).isNotEmpty();
    assertThat(options.settings())
        .containsExactly(
            "--spring.ssl.bundle.pem.%s.truststore.certificate=file:%s"
                .formatted(options.bundle(), Path.of("ca.pem").toAbsolutePath()));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          app                                     | Say --to or --from
          app --to https://a --from https://b     | Say --to or --from
          --to https://a                          | Name the images, or say --all
          app --all --to https://a                | Name the images, or say --all
          app --to https://a --replace            | --replace is for --from
          app --to https://a --cacert c --ssl-bundle b | --ssl-bundle has its own certificates
          app --to https://a --parallel 0         | --parallel is a number from 1 to 64
          app --to https://a --parallel 65        | --parallel is a number from 1 to 64
          app --to https://a --parallel -1        | --parallel is a number from 1 to 64
          app --to https://a --parallel 4294967297 | --parallel is a number from 1 to 64
          app --to https://a --rate 0             | --rate is a size such as 50MB, not 0
          app --to https://a --rate fast          | --rate is a size such as 50MB, not fast
          app --to https://a --dry-run=yes        | --dry-run takes no value
          app --to https://a --report             | --report needs a value
          app --to https://a --report= x          | --report needs a value
          app --to https://a --to https://b       | --to is there twice
          app --to https://a --paralel 3          | There is no option --paralel
          app --to https://a/Team                 | Team cannot be the beginning of a name
          app --to https://a/x//y                 | x//y cannot be the beginning of a name
          """)
  void whatMakesNoSenseIsRefusedWithTheReason(String line, String reason) {
    assertThatExceptionOfType(MisuseException.class)
        .isThrownBy(() -> parse(line))
        .withMessageContaining(reason);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "registry.example",
        "registry.example:5000",
        "ftp://registry.example",
        "https://",
        "https:///secret",
        "https://user:secret@registry.example",
        "https://registry.example/?token=secret",
        "https://registry.example/#secret",
        "https://registry.example/secret%"
      })
  void aUrlThatIsNoneOrHasAPasswordIsRefusedAndNotRepeated(String url) {
    assertThatExceptionOfType(MisuseException.class)
        .isThrownBy(() -> parse("app --to " + url))
        .withMessageStartingWith("The other registry is a URL")
        .satisfies(refusal -> assertThat(refusal.getMessage()).doesNotContain("secret"));
  }

  private static CopyOptions parse(String line) {
    return CopyOptions.of(CommandLine.parse(List.of(line.split(" ")), CopyOptions.SYNTAX));
  }
}
