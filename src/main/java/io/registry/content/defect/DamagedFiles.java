package io.registry.content.defect;

import io.registry.storage.Blob;
import io.registry.storage.BlobInfo;
import io.registry.storage.BlobKey;
import io.registry.storage.BlobStorage;
import io.registry.storage.BlobWriter;
import io.registry.storage.ByteRange;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Optional;
import org.apache.commons.codec.digest.DigestUtils;

/**
 * Moves damaged files out of the way, to another name in their folder. A store need not support
 * renaming: the file is copied, the copy is read back and compared, and only then the file is
 * deleted. The new name is derived from the version of the file, so that an interrupted move can be
 * repeated with the same result.
 */
public final class DamagedFiles {
  private static final String START = "_damaged_";
  private static final int BUFFER = 64 * 1024;
  private static final int SHORT_HASH = 16;
  private static final int MAX_NAME = 200;

  private final BlobStorage storage;

  /**
   * Creates the operations for a store.
   *
   * @param storage the store
   */
  public DamagedFiles(BlobStorage storage) {
    this.storage = storage;
  }

  /** Whether a name is that of a file which was moved out of the way. */
  public static boolean isOne(String name) {
    return name.startsWith(START);
  }

  /**
   * Moves a file out of the way.
   *
   * @param file the file
   * @param version the version that was found to be damaged
   * @return the new key; empty when the file has another version now
   */
  public Optional<BlobKey> setAside(BlobKey file, String version) {
    BlobKey target = target(file, version);
    if (!copy(file, version, target) || !isVersion(file, version)) {
      return Optional.empty();
    }
    storage.delete(file);
    return Optional.of(target);
  }

  /**
   * Keeps a copy of a file that is about to be replaced.
   *
   * @param file the file
   * @param version the version that was found to be damaged
   * @return the key of the copy; empty when the file has another version now
   */
  public Optional<BlobKey> keepCopy(BlobKey file, String version) {
    BlobKey target = target(file, version);
    return copy(file, version, target) && isVersion(file, version)
        ? Optional.of(target)
        : Optional.empty();
  }

  /**
   * Whether two blobs exist and have the same bytes.
   *
   * @param one the one
   * @param other the other
   * @return whether they do
   */
  public boolean isSame(BlobKey one, BlobKey other) {
    Optional<byte[]> here = digest(one);
    Optional<byte[]> there = digest(other);
    return here.isPresent() && there.isPresent() && Arrays.equals(here.get(), there.get());
  }

  private boolean copy(BlobKey file, String version, BlobKey target) {
    MessageDigest digest = DigestUtils.getSha256Digest();
    Optional<Blob> found = storage.open(file, ByteRange.ALL);
    if (found.isEmpty()) {
      return false;
    }
    try (Blob blob = found.get();
        BlobWriter writer = storage.createIfAbsent(target)) {
      if (!blob.version().equals(version)) {
        return false;
      }
      transfer(blob.body(), writer, digest);
      // An existing copy is from an interrupted repair.
      writer.commit();
    } catch (IOException e) {
      throw new IllegalStateException("Could not read " + file, e);
    }
    byte[] sum = digest.digest();
    return digest(target).filter(copied -> Arrays.equals(copied, sum)).isPresent();
  }

  private boolean isVersion(BlobKey file, String version) {
    Optional<BlobInfo> info = storage.stat(file);
    return info.filter(found -> found.version().equals(version)).isPresent();
  }

  private Optional<byte[]> digest(BlobKey file) {
    Optional<Blob> found = storage.open(file, ByteRange.ALL);
    if (found.isEmpty()) {
      return Optional.empty();
    }
    MessageDigest digest = DigestUtils.getSha256Digest();
    try (Blob blob = found.get()) {
      transfer(blob.body(), OutputStream.nullOutputStream(), digest);
    } catch (IOException e) {
      throw new IllegalStateException("Could not read " + file, e);
    }
    return Optional.of(digest.digest());
  }

  private static void transfer(InputStream in, OutputStream out, MessageDigest digest)
      throws IOException {
    byte[] buffer = new byte[BUFFER];
    for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
      digest.update(buffer, 0, count);
      out.write(buffer, 0, count);
    }
  }

  private static BlobKey target(BlobKey file, String version) {
    int slash = file.path().lastIndexOf('/');
    String name = file.path().substring(slash + 1);
    String end = DigestUtils.sha256Hex(name + " " + version).substring(0, SHORT_HASH);
    String kept = name.length() > MAX_NAME ? name.substring(0, MAX_NAME) : name;
    return new BlobKey(file.path().substring(0, slash + 1) + START + kept + "_" + end);
  }
}
