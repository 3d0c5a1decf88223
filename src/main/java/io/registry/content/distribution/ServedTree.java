package io.registry.content.distribution;

import io.registry.platform.json.JsonCodec;
import io.registry.platform.problem.SetupException;
import io.registry.storage.BlobStorage;
import io.registry.storage.DirectoryStorages;
import io.registry.storage.StorageException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks for the tree of another registry when the store is opened, and lets it be served. A tree
 * that appears later is found at the next start. Where there is none, nothing is asked for again.
 */
public final class ServedTree {
  private static final Logger log = LoggerFactory.getLogger(ServedTree.class);

  private final DistributionProperties settings;
  private final DirectoryStorages directories;
  private final JsonCodec codec;
  private final AtomicReference<Optional<Found>> found = new AtomicReference<>(Optional.empty());

  private record Found(ForeignTree tree, TreeAdoption adoption, TreeInspection inspection) {}

  /**
   * Looks for a tree.
   *
   * @param settings say where
   * @param directories open a directory that is not the store
   * @param codec reads and writes JSON
   */
  public ServedTree(
      DistributionProperties settings, DirectoryStorages directories, JsonCodec codec) {
    this.settings = settings;
    this.directories = directories;
    this.codec = codec;
  }

  /**
   * Decorates the store of this registry so that the tree is served, too.
   *
   * @return the store itself when there is no tree
   * @throws SetupException when the settings name a directory without a tree
   */
  public BlobStorage over(BlobStorage own) {
    boolean isElsewhere = !settings.path().isEmpty();
    BlobStorage storage = isElsewhere ? directories.open(Path.of(settings.path())) : own;
    if (!hasTree(storage)) {
      if (isElsewhere) {
        throw new SetupException(
            "There is no tree of Distribution in " + settings.path(),
            "Set registry.storage.distribution.path to its rootdirectory, which contains"
                + " docker/registry/v2");
      }
      return own;
    }
    ForeignTree tree = new DistributionTree(storage);
    OverlayStorage both = new OverlayStorage(own, tree, codec);
    found.set(
        Optional.of(
            new Found(
                tree, new TreeAdoption(own, tree, both), new TreeInspection(own, tree, both))));
    return both;
  }

  // A store that does not answer now may have one.
  private static boolean hasTree(BlobStorage storage) {
    try {
      return DistributionTree.isIn(storage);
    } catch (StorageException e) {
      log.warn("Whether the store has a tree of Distribution is not known: {}", e.getMessage());
      return true;
    }
  }

  /** The tree that is served; empty when there is none. */
  public Optional<ForeignTree> find() {
    return found.get().map(Found::tree);
  }

  /** Inspects the tree; empty when there is none. */
  public Optional<TreeInspection> inspection() {
    return found.get().map(Found::inspection);
  }

  /** Takes the tree over; empty when there is none. */
  public Optional<TreeAdoption> adoption() {
    return found.get().map(Found::adoption);
  }
}
