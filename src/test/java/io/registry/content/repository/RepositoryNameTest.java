package io.registry.content.repository;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.registry.platform.problem.Problem;
import io.registry.platform.problem.RegistryException;
import io.registry.storage.BlobKey;
import io.registry.testkit.RandomCases;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RepositoryNameTest {
  private static final String PRINTABLE =
      IntStream.rangeClosed(' ', '~')
          .filter(c -> c != '/' && c != '\\')
          .mapToObj(Character::toString)
          .collect(Collectors.joining());

  @ParameterizedTest
  @CsvSource({
    "solo, library, solo",
    "library/solo, library, solo",
    "a/b, a, b",
    "a/b/c, a, b/c",
    "a/b/c/d.e-f_g, a, b/c/d.e-f_g",
    "0/.., '', ''",
    "a/..., a, ...",
    "UPPER/Case, UPPER, Case"
  })
  void theFirstSlashEndsTheNamespace(String text, String namespace, String name) {
    if (namespace.isEmpty()) {
      assertRefused(text);
    } else {
      assertThat(RepositoryName.parse(text)).isEqualTo(new RepositoryName(namespace, name));
    }
  }

  // Protocol 5.3, with the folders that the original made.
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "a/plain_Name-1.0|repositories/a/plain_Name-1.0",
        "a/b/c|repositories/a/b%252Fc",
        "a/b c|repositories/a/b%2Bc",
        "a/b+c|repositories/a/b%252Bc",
        "a/b%c|repositories/a/b%2525c",
        "a/b*c~|repositories/a/b%252Ac%257E",
        "a b/c|repositories/a+b/c",
        "a+b/c|repositories/a%2Bb/c"
      })
  void theNameIsEncodedTwiceAndTheNamespaceOnce(String text, String folder) {
    assertThat(RepositoryKeys.of(RepositoryName.parse(text)).folder().path()).isEqualTo(folder);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "/",
        "a/",
        "/a",
        "a//b",
        "a/b/",
        "a/b//c",
        ".",
        "..",
        "a/.",
        "a/..",
        "../a",
        "a/b/..",
        "a/../b",
        "a/./b",
        "a\n",
        "a/b\n",
        "a\n/b",
        "a/b\r",
        "a\0/b",
        "a/\0",
        "a/b\u007f",
        "\u00e9",
        "a/\u00e9",
        "a/\u65e5",
        "a/\ud83d\ude80",
        "a\\b",
        "a/b\\..\\c",
        "a/b\tc",
        "a/\u2025/b"
      })
  void whatIsNoNameIsRefused(String text) {
    assertRefused(text);
  }

  @Test
  void aNameThatNoFileCouldHaveIsRefused() {
    assertThat(new RepositoryName("n".repeat(255), "r".repeat(255)).name()).hasSize(255);
    assertRefused("n".repeat(256) + "/r");
    assertRefused("n/" + "r".repeat(256));
    // Each slash takes five characters on disk.
    assertThat(RepositoryName.parse("n/" + "a/".repeat(42) + "a")).isNotNull();
    assertRefused("n/" + "a/".repeat(43) + "a");
  }

  @Test
  void everyPrintableCharacterIsAllowed() {
    for (int i = 0; i < PRINTABLE.length(); i++) {
      String part = "x" + PRINTABLE.charAt(i);
      assertThat(new RepositoryName(part, part + "/" + part).toString())
          .isEqualTo(part + "/" + part + "/" + part);
    }
  }

  @Test
  void aTextIsRefusedOrIsANameThatStaysInTheStore() {
    RandomCases.check(
        20_000,
        random -> {
          String text = RandomCases.oddText(random, 12, "a./%2eF\\\n\0 ");
          Throwable refusal = catchThrowable(() -> RepositoryName.parse(text));
          if (refusal != null) {
            assertThat(refusal).isInstanceOf(RegistryException.class);
            return;
          }
          RepositoryName name = RepositoryName.parse(text);
          for (RepositoryKeys keys : List.of(RepositoryKeys.of(name), RepositoryKeys.old(name))) {
            String[] parts = keys.folder().path().split("/", -1);
            assertThat(parts).hasSize(3).startsWith("repositories");
            assertThat(parts).allMatch(BlobKey::isComponent);
          }
          assertThat(RepositoryName.parse(name.toString())).isEqualTo(name);
        });
  }

  @Test
  void noTwoRepositoriesEverShareAFolder() {
    Map<BlobKey, RepositoryName> owners = new HashMap<>();
    RandomCases.check(
        50_000,
        random -> {
          RepositoryName name = new RepositoryName(part(random), part(random));
          for (RepositoryKeys keys : List.of(RepositoryKeys.of(name), RepositoryKeys.old(name))) {
            RepositoryName owner = owners.putIfAbsent(keys.folder(), name);
            assertThat(owner == null ? name : owner).as(keys.toString()).isEqualTo(name);
          }
        });
    assertThat(owners).hasSizeGreaterThan(1_000);
  }

  @Test
  void aFolderTellsWhoseItIs() {
    RandomCases.check(
        20_000,
        random -> {
          RepositoryName name = new RepositoryName(part(random), part(random));
          for (RepositoryKeys keys : List.of(RepositoryKeys.of(name), RepositoryKeys.old(name))) {
            String[] parts = keys.folder().path().split("/", -1);
            assertThat(RepositoryKeys.repositoryOf(parts[1], parts[2])).contains(name);
          }
        });
  }

  @ParameterizedTest
  @CsvSource({"a, b%2F", "a, %2E%2E", "a, ..x%", "é, b", "a, é", "a, b%252F"})
  void aFolderThatNoRegistryMadeIsNobodys(String namespace, String name) {
    assertThat(RepositoryKeys.repositoryOf(namespace, name)).isEmpty();
  }

  // Pieces that encode to one another.
  private static String part(RandomGenerator random) {
    List<String> pieces =
        List.of("a", "+", " ", "%", "%20", "%2B", "%25", "%2F", "%2f", "25", "2B");
    StringBuilder text = new StringBuilder();
    for (int i = random.nextInt(1, 4); i > 0; i--) {
      text.append(pieces.get(random.nextInt(pieces.size())));
    }
    return text.toString();
  }

  private static void assertRefused(String text) {
    assertThatThrownBy(() -> RepositoryName.parse(text))
        .asInstanceOf(InstanceOfAssertFactories.throwable(RegistryException.class))
        .extracting(RegistryException::problem)
        .isEqualTo(Problem.INVALID);
  }
}
