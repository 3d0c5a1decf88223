package io.registry.content.repository;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.registry.content.image.ImageId;
import io.registry.content.image.StoredImages;
import io.registry.platform.json.JsonCodec;
import io.registry.platform.problem.Problem;
import io.registry.platform.problem.RegistryException;
import io.registry.storage.BlobKey;
import io.registry.testkit.InMemoryBlobStorage;
import io.registry.testkit.RandomCases;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TagNameTest {
  private static final RepositoryName REPOSITORY = new RepositoryName("name", "space");
  private static final Clock CLOCK = Clock.fixed(Instant.ofEpochSecond(7), ZoneOffset.UTC);
  private static final String ODD = "aB1_.-+ %2F5~*!\\\"'";

  @ParameterizedTest
  @ValueSource(strings = {"latest", "1.0-rc.1", "_", "_x", "x_json", "A", "0", "a.", "a..b", "a-"})
  void aTagMayBeGivenSuchAName(String text) {
    assertThatCode(() -> new TagName(text).requireAllowed()).doesNotThrowAnyException();
  }

  @ParameterizedTest
  @ValueSource(strings = {".a", "-a", "..", ".", "a b", "a+b", "a%b", "a:b", "a\\b", "a~", "$"})
  void aNameThatOldRegistriesTookIsReadButNotGiven(String text) {
    TagName tag = new TagName(text);

    assertThat(tag.toString()).isEqualTo(text);
    assertRefused(tag::requireAllowed);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "a/b",
        "/",
        "../a",
        "latest\n",
        "a\r",
        "a\0",
        "a\tb",
        "\u007f",
        "\u00e9",
        "\u0661",
        "\u65e5",
        "\ud83d\ude80",
        "a\u2028"
      })
  void whatIsNoTagIsRefused(String text) {
    assertRefused(() -> new TagName(text));
  }

  @Test
  void aTagHasUpTo128Characters() {
    assertThatCode(() -> new TagName("a".repeat(128)).requireAllowed()).doesNotThrowAnyException();
    assertRefused(() -> new TagName("a".repeat(129)));
    assertThat(new TagName("+".repeat(80)).value()).hasSize(80);
    assertRefused(() -> new TagName("+".repeat(81)));
  }

  @Test
  void aTextIsRefusedOrIsATagThatStaysInItsFolder() {
    RepositoryKeys keys = RepositoryKeys.of(REPOSITORY);
    RandomCases.check(
        20_000,
        random -> {
          String text =
              random.nextBoolean()
                  ? RandomCases.anyText(random, 8)
                  : RandomCases.text(random, 140, ODD + "/\n\0");
          Throwable refusal = catchThrowable(() -> new TagName(text));
          if (refusal != null) {
            assertThat(refusal).isInstanceOf(RegistryException.class);
            return;
          }
          TagName tag = new TagName(text);
          for (BlobKey key :
              List.of(keys.tag(tag), keys.oldTag(tag), keys.metadata(tag), keys.oldMetadata(tag))) {
            assertThat(key.path()).startsWith(keys.folder().path() + "/tag");
            assertThat(key.path().split("/", -1)).hasSize(4);
          }
          assertThat(tagOf(keys.tag(tag))).contains(text);
          assertThat(tagOf(keys.oldTag(tag))).contains(text);
        });
  }

  @Test
  void theTagOfAnyFileIsFoundInThatFile() {
    RepositoryKeys keys = RepositoryKeys.of(REPOSITORY);
    RandomCases.check(
        20_000,
        random -> {
          String file = "tag_" + RandomCases.text(random, 8, ODD);
          String text = tagOf(keys.folder().child(file)).orElseThrow();
          if (catchThrowable(() -> new TagName(text)) != null) {
            return;
          }
          TagName tag = new TagName(text);
          assertThat(List.of(keys.tag(tag), keys.oldTag(tag))).contains(keys.folder().child(file));
        });
  }

  @Test
  void whatIsStoredIsListedReadAndRemovedOneByOne() {
    RandomCases.check(
        300,
        random -> {
          InMemoryBlobStorage storage = new InMemoryBlobStorage();
          Tags tags =
              new Repositories(
                      storage,
                      new StoredImages(storage, new JsonCodec()),
                      new JsonCodec(),
                      CLOCK,
                      Runnable::run,
                      new UnheardChanges(),
                      RepositoryEvents.UNHEARD,
                      TagRule.NONE,
                      TrashProperties.OFF)
                  .tags();
          RepositoryKeys keys = RepositoryKeys.of(REPOSITORY);
          Map<String, ImageId> expected = new HashMap<>();
          for (int i = random.nextInt(1, 12); i > 0; i--) {
            String text = RandomCases.text(random, 4, "a_+% 2B") + "a";
            TagName tag = new TagName(text);
            ImageId image = new ImageId("%016x".formatted(random.nextLong()));
            BlobKey key = random.nextInt(3) == 0 ? keys.oldTag(tag) : keys.tag(tag);
            storage.delete(keys.tag(tag));
            storage.delete(keys.oldTag(tag));
            storage.write(key, image.value().getBytes(StandardCharsets.US_ASCII));
            expected.put(text, image);
          }
          while (!expected.isEmpty()) {
            assertThat(tags.list(REPOSITORY)).contains(expected);
            expected.forEach(
                (text, image) ->
                    assertThat(tags.get(REPOSITORY, new TagName(text))).contains(image));
            String removed = List.copyOf(expected.keySet()).get(random.nextInt(expected.size()));
            expected.remove(removed);
            assertThat(tags.remove(REPOSITORY, new TagName(removed))).isTrue();
            assertThat(tags.remove(REPOSITORY, new TagName(removed))).isFalse();
          }
          assertThat(tags.list(REPOSITORY)).isEmpty();
        });
  }

  private static Optional<String> tagOf(BlobKey key) {
    return RepositoryKeys.tagOf(key.path().substring(key.path().lastIndexOf('/') + 1));
  }

  private static void assertRefused(org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
    assertThatThrownBy(call)
        .hasMessage("Invalid tag name (must match ^[\\w][\\w.-]{0,127}$)")
        .asInstanceOf(InstanceOfAssertFactories.throwable(RegistryException.class))
        .extracting(RegistryException::problem)
        .isEqualTo(Problem.INVALID);
  }
}
