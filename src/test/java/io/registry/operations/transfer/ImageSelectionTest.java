package io.registry.operations.transfer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.registry.operations.command.MisuseException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which images the arguments of a command line name. */
class SelectionTest {
  private static final Map<String, List<String>> IMAGES =
      Map.of(
          "host:5000/app", List.of("1"),
          "library/app", List.of("2", "1", "latest"),
          "team/app", List.of("1"),
          "team/a/b", List.of("1", "1.1"),
          "other/empty", List.of());

  private final List<String> missing = new ArrayList<>();
  private boolean isListed;

  @ParameterizedTest
  @CsvSource({
    "app, library/app=1+2+latest",
    "app:1, library/app=1",
    "library/app:latest, library/app=latest",
    "team/app, team/app=1",
    "team/*, team/a/b=1+1.1 team/app=1",
    "*/app:1, host:5000/app=1 library/app=1 team/app=1",
    "*:1?1, team/a/b=1.1",
    "app:1 app:2 app:1, library/app=1+2",
    "app team/app:1, library/app=1+2+latest team/app=1",
    "*, host:5000/app=1 library/app=1+2+latest team/a/b=1+1.1 team/app=1"
  })
  void imagesAreFoundByNameAndPatternInTheirOrder(String words, String found) {
    assertThat(find(words)).isEqualTo(found);
    assertThat(missing).isEmpty();
  }

  @Test
  void everythingIsFoundWhenAllIsWanted() {
    assertThat(find(ImageSelection.of(List.of(), true)))
        .isEqualTo("host:5000/app=1 library/app=1+2+latest team/a/b=1+1.1 team/app=1");
  }

  @ParameterizedTest
  @CsvSource({
    "none, none",
    "app:3, app:3",
    "app:1 app:3, app:3",
    "no* team/app, no*",
    "other/empty, other/empty",
    "te?m, te?m"
  })
  void anArgumentThatNamesNothingIsTold(String words, String told) {
    find(words);

    assertThat(missing).containsExactly(told);
  }

  @Test
  void aLargeStoreIsListedForPatternsOnly() {
    find("app:1? team/app");
    assertThat(isListed).isFalse();

    find("app team/*");
    assertThat(isListed).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {":1", "app:", " :1"})
  void aNameWithoutRepositoryOrTagIsRefused(String word) {
    assertThatExceptionOfType(MisuseException.class)
        .isThrownBy(() -> ImageSelection.of(List.of(word), false))
        .withMessage(word + " is not REPOSITORY or REPOSITORY:TAG");
  }

  /** The port of a host is not a tag. */
  @Test
  void aColonBeforeASlashBelongsToTheRepository() {
    assertThat(find("host:5000/app")).isEqualTo("host:5000/app=1");
    assertThat(find("host:5000/app:1")).isEqualTo("host:5000/app=1");
  }

  private String find(String words) {
    return find(ImageSelection.of(Arrays.asList(words.split(" ")), false));
  }

  private String find(ImageSelection selection) {
    List<String> found = new ArrayList<>();
    selection.find(
        new Images(), (name, tags) -> found.add(name + "=" + String.join("+", tags)), missing::add);
    return String.join(" ", found);
  }

  /** A place with {@link #IMAGES}. */
  private final class Images implements ImageSelection.Place {
    @Override
    public Stream<String> names() {
      isListed = true;
      return IMAGES.keySet().stream();
    }

    @Override
    public Optional<String> name(String text) {
      return Optional.of(text.indexOf('/') < 0 ? "library/" + text : text);
    }

    @Override
    public Collection<String> tags(String name) {
      return IMAGES.getOrDefault(name, List.of());
    }
  }
}
