package io.registry.content.distribution;

import io.registry.content.manifest.Digest;
import io.registry.content.repository.RepositoryName;
import io.registry.platform.problem.RegistryException;
import io.registry.storage.BlobKey;
import io.registry.storage.BlobStorage;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * The tree of Distribution, the registry that is known as {@code registry:2} (distribution,
 * registry/storage/paths.go).
 *
 * <p>Its repositories {@code NAME} and {@code library/NAME} are one repository here, with the
 * content of both. Where both have a tag, and it names different manifests, the tag is that of
 * {@code NAME}, and the one of {@code library/NAME} is the tag {@code library-TAG}.
 */
final class DistributionTree implements ForeignTree {
  static final BlobKey ROOT = BlobKey.of("docker", "registry", "v2");

  private static final BlobKey REPOSITORIES = ROOT.child("repositories");
  private static final BlobKey BLOBS = ROOT.child("blobs");
  private static final String MANIFESTS = "_manifests";
  private static final String LAYERS = "_layers";
  private static final String LINK = "link";
  private static final String SECOND = RepositoryName.DEFAULT_NAMESPACE + "-";
  private static final int SHARD = 2;
  private static final int MAX_LINK = 1024;

  private final BlobStorage storage;

  /**
   * A tree.
   *
   * @param storage contains the tree at {@link #ROOT}
   */
  DistributionTree(BlobStorage storage) {
    this.storage = storage;
  }

  /** Whether a store has a tree. */
  static boolean isIn(BlobStorage storage) {
    try (Stream<String> folders = storage.folders(ROOT)) {
      return folders.anyMatch(name -> name.equals("repositories") || name.equals("blobs"));
    }
  }

  @Override
  public BlobStorage storage() {
    return storage;
  }

  @Override
  public String describe() {
    return "the tree of Distribution at " + ROOT + " in " + storage.describe();
  }

  @Override
  public boolean contains(BlobKey key) {
    return key.equals(ROOT) || key.path().startsWith(ROOT + "/");
  }

  @Override
  public Stream<String> namespaces() {
    return Stream.concat(
            storage.folders(REPOSITORIES).filter(DistributionTree::isName),
            Stream.of(RepositoryName.DEFAULT_NAMESPACE))
        .distinct();
  }

  private static boolean isName(String component) {
    return !component.startsWith("_");
  }

  @Override
  public Stream<RepositoryName> repositories(String namespace) {
    Stream<String> below = below(REPOSITORIES.child(namespace), namespace);
    Stream<String> all =
        namespace.equals(RepositoryName.DEFAULT_NAMESPACE)
            ? Stream.concat(storage.folders(REPOSITORIES).filter(this::isTop), below)
            : below;
    return all.flatMap(name -> parse(name).stream())
        .filter(name -> name.namespace().equals(namespace));
  }

  private boolean isTop(String name) {
    return isName(name) && isRepository(REPOSITORIES.child(name));
  }

  // The names of the repositories in a folder, which is that of a repository itself or not.
  private Stream<String> below(BlobKey folder, String path) {
    return storage
        .folders(folder)
        .filter(DistributionTree::isName)
        .flatMap(
            name -> {
              BlobKey child = folder.child(name);
              String full = path + "/" + name;
              Stream<String> nested = below(child, full);
              return isRepository(child) ? Stream.concat(Stream.of(full), nested) : nested;
            });
  }

  private boolean isRepository(BlobKey folder) {
    try (Stream<String> names = storage.folders(folder)) {
      return names.anyMatch(name -> name.equals(LAYERS) || name.equals(MANIFESTS));
    }
  }

  private static Optional<RepositoryName> parse(String name) {
    try {
      return Optional.of(RepositoryName.parse(name));
    } catch (RegistryException e) {
      return Optional.empty();
    }
  }

  @Override
  public Stream<String> merged() {
    BlobKey second = REPOSITORIES.child(RepositoryName.DEFAULT_NAMESPACE);
    return storage
        .folders(second)
        .filter(name -> isTop(name) && isRepository(second.child(name)))
        .map(
            name ->
                ("%s and %s/%s are one repository here: where a tag names different manifests, it is"
                        + " that of %s, and the other one is %sTAG")
                    .formatted(name, RepositoryName.DEFAULT_NAMESPACE, name, name, SECOND));
  }

  @Override
  public boolean contains(RepositoryName repository) {
    return folders(repository).stream().anyMatch(this::isRepository);
  }

  // The one that comes first decides.
  private static List<BlobKey> folders(RepositoryName repository) {
    BlobKey full = new BlobKey(REPOSITORIES + "/" + repository);
    return hasShortName(repository)
        ? List.of(REPOSITORIES.child(repository.name()), full)
        : List.of(full);
  }

  private static boolean hasShortName(RepositoryName repository) {
    return repository.namespace().equals(RepositoryName.DEFAULT_NAMESPACE)
        && repository.name().indexOf('/') < 0;
  }

  @Override
  public Set<String> tags(RepositoryName repository) {
    Set<String> tags = new TreeSet<>();
    Set<String> inBoth = new LinkedHashSet<>();
    for (BlobKey folder : folders(repository)) {
      try (Stream<String> names = storage.folders(folder.child(MANIFESTS).child("tags"))) {
        names.filter(name -> !tags.add(name)).forEach(inBoth::add);
      }
    }
    inBoth.stream()
        .map(name -> SECOND + name)
        .filter(name -> tag(repository, name).isPresent())
        .forEach(tags::add);
    return tags;
  }

  @Override
  public Optional<Link> tag(RepositoryName repository, String tag) {
    if (!BlobKey.isComponent(tag)) {
      return Optional.empty();
    }
    List<BlobKey> folders = folders(repository);
    Optional<Link> found =
        folders.stream().flatMap(folder -> tag(folder, tag).stream()).findFirst();
    return found.isPresent() || folders.size() == 1 || !tag.startsWith(SECOND)
        ? found
        : second(folders, tag.substring(SECOND.length()));
  }

  // The tag of the repository that comes second, if the tag of the first one is another.
  private Optional<Link> second(List<BlobKey> folders, String tag) {
    return BlobKey.isComponent(tag)
        ? tag(folders.get(0), tag)
            .flatMap(
                first ->
                    tag(folders.get(1), tag)
                        .filter(second -> !second.digest().equals(first.digest())))
        : Optional.empty();
  }

  private Optional<Link> tag(BlobKey folder, String tag) {
    return link(folder.child(MANIFESTS).child("tags").child(tag).child("current").child(LINK));
  }

  // After a crash a file may be empty; Distribution empties one to remove what it names.
  private Optional<Link> link(BlobKey file) {
    return storage
        .read(file, MAX_LINK)
        .map(bytes -> new String(bytes, StandardCharsets.ISO_8859_1).strip())
        .flatMap(Digest::find)
        .map(digest -> new Link(file, digest));
  }

  @Override
  public Stream<Digest> manifests(RepositoryName repository) {
    return folders(repository).stream()
        .flatMap(folder -> digests(folder.child(MANIFESTS).child("revisions")));
  }

  @Override
  public Optional<Link> manifest(RepositoryName repository, Digest digest) {
    return folders(repository).stream()
        .flatMap(folder -> linked(folder.child(MANIFESTS).child("revisions"), digest).stream())
        .findFirst();
  }

  @Override
  public Stream<Digest> blobs(RepositoryName repository) {
    return folders(repository).stream().flatMap(folder -> digests(folder.child(LAYERS)));
  }

  @Override
  public Optional<Link> blob(RepositoryName repository, Digest digest) {
    return folders(repository).stream()
        .flatMap(folder -> linked(folder.child(LAYERS), digest).stream())
        .findFirst();
  }

  private Stream<Digest> digests(BlobKey folder) {
    return storage
        .folders(folder)
        .flatMap(
            algorithm ->
                storage
                    .folders(folder.child(algorithm))
                    .flatMap(hex -> Digest.find(algorithm + ":" + hex).stream()));
  }

  private Optional<Link> linked(BlobKey folder, Digest digest) {
    return link(folder.child(digest.algorithm()).child(digest.hex()).child(LINK));
  }

  @Override
  public Stream<Digest> digests() {
    return storage
        .folders(BLOBS)
        .flatMap(
            algorithm ->
                storage
                    .folders(BLOBS.child(algorithm))
                    .flatMap(shard -> storage.folders(BLOBS.child(algorithm).child(shard)))
                    .flatMap(hex -> Digest.find(algorithm + ":" + hex).stream()));
  }

  @Override
  public BlobKey file(Digest digest) {
    return BLOBS
        .child(digest.algorithm())
        .child(digest.hex().substring(0, SHARD))
        .child(digest.hex())
        .child("data");
  }
}
