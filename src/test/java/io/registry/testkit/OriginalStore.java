package io.registry.testkit;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.compressors.gzip.GzipCompressorInputStream;

/**
 * A store that the original registry wrote, with genuine Docker daemons and by hand, unpacked into
 * a directory of the test's. Reads it with nothing of the registry's own code.
 */
public final class OriginalStore {
  private static final String TREE = "/fixtures/original-store.tar.gz";
  private static final String HASHES = "/fixtures/original-store.sha256";

  private final Path root;

  private OriginalStore(Path root) {
    this.root = root;
  }

  /** Unpacks the store into a directory. */
  public static OriginalStore unpack(Path directory) {
    return unpack(TREE, directory);
  }

  static OriginalStore unpack(String tree, Path directory) {
    try (InputStream packed = resource(tree);
        TarArchiveInputStream tar =
            new TarArchiveInputStream(
                GzipCompressorInputStream.builder().setInputStream(packed).get())) {
      for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
        Path target = directory.resolve(entry.getName()).normalize();
        if (entry.isDirectory()) {
          Files.createDirectories(target);
        } else {
          Files.createDirectories(Objects.requireNonNull(target.getParent()));
          Files.copy(tar, target);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new OriginalStore(directory);
  }

  /** The SHA-256 of each file as the original wrote it, by path. */
  public static Map<String, String> originalHashes() {
    try (InputStream in = resource(HASHES)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .map(line -> line.split(" {2}\\./", 2))
          .collect(
              Collectors.toMap(parts -> parts[1], parts -> parts[0], (a, b) -> b, TreeMap::new));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public Path root() {
    return root;
  }

  /** The SHA-256 of each file as it is now, by path. */
  public Map<String, String> hashes() {
    Map<String, String> hashes = new TreeMap<>();
    try (Stream<Path> files = Files.walk(root)) {
      files
          .filter(Files::isRegularFile)
          .forEach(file -> hashes.put(root.relativize(file).toString(), sha256(bytes(file))));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return hashes;
  }

  /** The ids of all images, the unfinished ones included. */
  public Set<String> images() {
    try (Stream<Path> folders = Files.list(root.resolve("images"))) {
      return folders
          .map(folder -> String.valueOf(folder.getFileName()))
          .filter(name -> name.matches("[0-9a-f]{16}|[0-9a-f]{64}"))
          .collect(Collectors.toCollection(TreeSet::new));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The names of what lies in a folder. */
  public Set<String> list(String folder) {
    try (Stream<Path> files = Files.list(root.resolve(folder))) {
      return files
          .map(file -> String.valueOf(file.getFileName()))
          .collect(Collectors.toCollection(TreeSet::new));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public boolean has(String file) {
    return Files.isRegularFile(root.resolve(file));
  }

  public byte[] bytes(String file) {
    return bytes(root.resolve(file));
  }

  /** A file as text, with nothing taken away. */
  public String text(String file) {
    return new String(bytes(file), StandardCharsets.UTF_8);
  }

  /** Puts a file into the store, as another registry would have. */
  public OriginalStore write(String file, String text) {
    Path target = root.resolve(file);
    try {
      Files.createDirectories(Objects.requireNonNull(target.getParent()));
      Files.writeString(target, text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return this;
  }

  public static String sha256(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private static byte[] bytes(Path file) {
    try {
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static InputStream resource(String name) {
    return Objects.requireNonNull(OriginalStore.class.getResourceAsStream(name), name);
  }
}
