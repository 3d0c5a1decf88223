package io.registry.content.repository;

import io.registry.content.defect.DamagedFiles;
import io.registry.content.defect.Defect;
import io.registry.content.defect.DefectKind;
import io.registry.content.image.ImageId;
import io.registry.platform.json.JsonCodec;
import io.registry.storage.BlobContent;
import io.registry.storage.BlobKey;
import io.registry.storage.BlobStorage;
import io.registry.storage.StorageException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/** Inspects the files of repositories for defects, and changes nothing. */
public final class RepositoryInspection {
  private static final Set<String> LISTS = Set.of("_index_images", "_images_list");

  private final BlobStorage storage;
  private final JsonCodec codec;

  /**
   * Creates an inspection.
   *
   * @param storage the store
   * @param codec parses JSON
   */
  public RepositoryInspection(BlobStorage storage, JsonCodec codec) {
    this.storage = storage;
    this.codec = codec;
  }

  /**
   * The folders of all repositories, in no order, while they are found, including those of old
   * releases.
   *
   * @return the folders; the caller closes the stream
   */
  @SuppressWarnings("StreamResourceLeak") // The caller closes it.
  public Stream<BlobKey> folders() {
    return storage
        .folders(RepositoryKeys.ROOT)
        .map(RepositoryKeys.ROOT::child)
        .flatMap(namespace -> storage.folders(namespace).map(namespace::child));
  }

  /**
   * The files of a repository, in no order, while they are found.
   *
   * @param folder the folder of the repository
   * @return their keys; the caller closes the stream
   */
  public Stream<BlobKey> files(BlobKey folder) {
    BlobKey generations = new RepositoryKeys(folder).generations();
    return Stream.concat(
        storage.names(folder).map(folder::child),
        storage.names(generations).map(generations::child));
  }

  /**
   * Inspects a file of a repository.
   *
   * @param key the file, which need not exist any more
   * @return the result
   * @throws StorageException when the store does not answer
   */
  public InspectedFile inspect(BlobKey key) {
    String name = name(key);
    if (DamagedFiles.isOne(name)) {
      return wrong(
          Defect.of(DefectKind.SET_ASIDE, key, "A damaged file that was moved out of the way"));
    }
    boolean tag = RepositoryKeys.tagOf(name).isPresent();
    boolean list = LISTS.contains(name) || Generation.find(name).isPresent();
    boolean metadata = name.equals("json") || (name.startsWith("tag") && name.endsWith("_json"));
    if (!tag && !list && !metadata) {
      return InspectedFile.FINE;
    }
    try {
      Optional<BlobContent> file = storage.load(key, RepositoryKeys.SMALL);
      return file.isEmpty()
          ? InspectedFile.FINE
          : look(key, file.get(), new Expected(tag, list, metadata));
    } catch (StorageException e) {
      return wrong(Defect.unreadable(storage, key, e));
    }
  }

  private static String name(BlobKey key) {
    return key.path().substring(key.path().lastIndexOf('/') + 1);
  }

  /**
   * The kinds of file that a name allows. The same name may be that of a tag, or of the metadata of
   * another tag.
   */
  private record Expected(boolean tag, boolean list, boolean metadata) {}

  /** Whether a folder is that of a repository, which a removal ends before it removes the rest. */
  public boolean exists(BlobKey folder) {
    try (Stream<BlobKey> files = files(folder)) {
      return files
          .map(RepositoryInspection::name)
          .anyMatch(
              name -> RepositoryKeys.isOfRepository(name) || Generation.find(name).isPresent());
    }
  }

  /**
   * The name of the tag that a file is of, as text.
   *
   * @param file a file of a repository
   * @return empty when it is not the file of a tag
   */
  public static Optional<String> tagOf(BlobKey file) {
    return RepositoryKeys.tagOf(name(file));
  }

  /** The folder with what a repository contains by digest. */
  public static BlobKey content(BlobKey folder) {
    return new RepositoryKeys(folder).content();
  }

  /**
   * What a tag of a repository names.
   *
   * @param folder the folder of the repository
   * @param tag the name of the tag
   * @return empty when there is no such tag
   */
  public Optional<ImageId> tagged(BlobKey folder, TagName tag) {
    return inspect(new RepositoryKeys(folder).tag(tag)).tagged();
  }

  /** Whether a defect is that the store cannot read a file, as opposed to what is in the file. */
  public static boolean isUnreadable(Defect defect) {
    return defect.kind() == DefectKind.UNREADABLE;
  }

  private InspectedFile look(BlobKey key, BlobContent file, Expected expected) {
    if (expected.tag()) {
      String text = new String(file.bytes(), StandardCharsets.ISO_8859_1).strip();
      Optional<ImageId> image = ImageId.findTagged(text);
      if (image.isPresent()) {
        return new InspectedFile(image, Optional.empty());
      }
    }
    Optional<JsonNode> json = codec.parse(file.bytes());
    if (expected.list() && json.filter(JsonNode::isArray).isPresent()) {
      return InspectedFile.FINE;
    }
    if (expected.metadata() && json.filter(JsonNode::isObject).isPresent()) {
      return InspectedFile.FINE;
    }
    DefectKind kind =
        expected.tag() && !expected.metadata()
            ? DefectKind.TAG_BROKEN
            : DefectKind.REPOSITORY_JSON_BROKEN;
    String text =
        kind == DefectKind.TAG_BROKEN
            ? "The tag names no image"
            : "The file is not the JSON that it should be";
    return wrong(Defect.inFile(kind, key, text, file.version()));
  }

  private static InspectedFile wrong(Defect defect) {
    return new InspectedFile(Optional.empty(), Optional.of(defect));
  }
}
