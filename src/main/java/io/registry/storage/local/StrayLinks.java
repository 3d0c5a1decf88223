package io.registry.storage.local;

import io.registry.storage.BlobKey;
import io.registry.storage.StrayLink;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.function.Consumer;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/**
 * Finds the symbolic links of a directory tree that lead to nothing, or out of it. Follows none.
 */
final class StrayLinks extends SimpleFileVisitor<Path> {
  private final Path root;
  private final boolean followsLinks;
  private final Consumer<StrayLink> found;

  private StrayLinks(Path root, boolean followsLinks, Consumer<StrayLink> found) {
    this.root = root;
    this.followsLinks = followsLinks;
    this.found = found;
  }

  /**
   * Walks through the tree.
   *
   * @param root the directory, which need not exist
   * @param followsLinks whether links may lead out of it
   * @param found gets each link
   */
  static void find(Path root, boolean followsLinks, Consumer<StrayLink> found) throws IOException {
    if (Files.exists(root)) {
      Path real = root.toRealPath();
      Files.walkFileTree(real, new StrayLinks(real, followsLinks, found));
    }
  }

  @Override
  public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
    if (attributes.isSymbolicLink()) {
      look(file);
    }
    return FileVisitResult.CONTINUE;
  }

  private void look(Path link) {
    Path name = root.relativize(link);
    boolean isNamed =
        StreamSupport.stream(name.spliterator(), false)
            .allMatch(part -> BlobKey.isComponent(part.toString()));
    if (isNamed && isStray(link)) {
      String key = name.toString().replace(name.getFileSystem().getSeparator(), "/");
      found.accept(new StrayLink(new BlobKey(key), isDangling(link)));
    }
  }

  private boolean isStray(Path link) {
    try {
      return !link.toRealPath().startsWith(root) && !followsLinks;
    } catch (IOException e) {
      // Nothing is there, or the link leads in a circle, or to where this process may not look.
      return Files.isSymbolicLink(link);
    }
  }

  private static boolean isDangling(Path link) {
    return !Files.exists(link);
  }

  // What was removed meanwhile is no link. What cannot be listed, such as lost+found, is not the
  // registry's, or found to be unreadable elsewhere.
  @Override
  public FileVisitResult visitFileFailed(Path file, IOException failure) throws IOException {
    if (failure instanceof AccessDeniedException || !Files.exists(file)) {
      return FileVisitResult.CONTINUE;
    }
    throw failure;
  }

  @Override
  public FileVisitResult postVisitDirectory(Path folder, @Nullable IOException failure)
      throws IOException {
    if (failure != null && Files.exists(folder)) {
      throw failure;
    }
    return FileVisitResult.CONTINUE;
  }
}
