package io.registry.operations.transfer;

import io.registry.content.repository.NamePattern;
import io.registry.content.repository.Repositories;
import io.registry.content.repository.RepositoryName;
import io.registry.content.repository.Tags;
import io.registry.operations.command.MisuseException;
import io.registry.platform.problem.RegistryException;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** The images that a command line names. */
final class ImageSelection {
  private static final String EVERYTHING = "*";
  private static final String DEFAULT = RepositoryName.DEFAULT_NAMESPACE + "/";

  private final List<Wanted> wanted;

  private ImageSelection(List<Wanted> wanted) {
    this.wanted = wanted;
  }

  /** An argument of the command line. */
  private record Wanted(String text, NamePattern repository, NamePattern tag) {
    boolean names(String name) {
      return repository.matches(name)
          || (name.startsWith(DEFAULT) && repository.matches(name.substring(DEFAULT.length())));
    }

    boolean isOne() {
      return repository.text().indexOf('*') < 0 && repository.text().indexOf('?') < 0;
    }
  }

  /** Where images are selected. */
  interface Place {
    /** The names of all repositories; the caller closes the stream. */
    Stream<String> names();

    /** The name of the repository that is written so; empty when there can be none. */
    Optional<String> name(String text);

    /** The names of the tags of a repository; none when there is no such repository. */
    Collection<String> tags(String name);
  }

  /**
   * Reads the names of images.
   *
   * @param words each {@code REPOSITORY[:TAG]}, where {@code *} and {@code ?} stand for others
   * @param all whether everything is wanted
   * @throws MisuseException when nothing is named, or a name cannot be
   */
  static ImageSelection of(List<String> words, boolean all) {
    if (all == !words.isEmpty()) {
      throw new MisuseException("Name the images, or say --all");
    }
    return new ImageSelection(
        all ? List.of(wanted(EVERYTHING)) : words.stream().map(ImageSelection::wanted).toList());
  }

  private static Wanted wanted(String text) {
    int colon = text.lastIndexOf(':');
    boolean tagged = colon > text.lastIndexOf('/');
    String repository = tagged ? text.substring(0, colon) : text;
    String tag = tagged ? text.substring(colon + 1) : EVERYTHING;
    if (repository.isBlank() || tag.isBlank()) {
      throw new MisuseException(text + " is not REPOSITORY or REPOSITORY:TAG");
    }
    return new Wanted(text, new NamePattern(repository), new NamePattern(tag));
  }

  /**
   * Finds the images of the configured store.
   *
   * @param found gets each repository with the names of its selected tags, in their order
   * @param missing gets each argument that names nothing
   */
  void find(
      Repositories repositories,
      Tags tags,
      BiConsumer<RepositoryName, List<String>> found,
      Consumer<String> missing) {
    find(
        new Store(repositories, tags),
        (name, selected) -> found.accept(RepositoryName.parse(name), selected),
        missing);
  }

  /**
   * Finds the images of a place.
   *
   * @param found gets each repository with the names of its selected tags, in their order
   * @param missing gets each argument that names nothing
   */
  void find(Place place, BiConsumer<String, List<String>> found, Consumer<String> missing) {
    Map<Wanted, Boolean> matched = new TreeMap<>(Comparator.comparing(Wanted::text));
    try (Stream<String> names = names(place)) {
      names
          .filter(name -> wanted.stream().anyMatch(each -> each.names(name)))
          .distinct()
          .sorted()
          .forEach(
              name -> {
                List<String> selected = select(name, place.tags(name), matched);
                if (!selected.isEmpty()) {
                  found.accept(name, selected);
                }
              });
    }
    wanted.stream().filter(each -> !matched.containsKey(each)).map(Wanted::text).forEach(missing);
  }

  // A large store is not listed for a few names.
  private Stream<String> names(Place place) {
    return wanted.stream().allMatch(Wanted::isOne)
        ? wanted.stream().flatMap(each -> place.name(each.repository().text()).stream())
        : place.names();
  }

  private record Store(Repositories repositories, Tags all) implements Place {
    @Override
    public Stream<String> names() {
      return repositories.names().map(RepositoryName::toString);
    }

    @Override
    public Optional<String> name(String text) {
      try {
        return Optional.of(RepositoryName.parse(text).toString());
      } catch (RegistryException e) {
        // A name that cannot be is not there.
        return Optional.empty();
      }
    }

    @Override
    public Collection<String> tags(String name) {
      return all.list(RepositoryName.parse(name)).orElse(Map.of()).keySet();
    }
  }

  private List<String> select(String name, Collection<String> tags, Map<Wanted, Boolean> matched) {
    return tags.stream()
        .filter(
            tag -> {
              boolean any = false;
              for (Wanted each : wanted) {
                if (each.names(name) && each.tag().matches(tag)) {
                  matched.put(each, true);
                  any = true;
                }
              }
              return any;
            })
        .sorted()
        .toList();
  }
}
