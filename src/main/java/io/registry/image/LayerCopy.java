package io.registry.image;

import io.registry.problem.Problem;
import io.registry.problem.RegistryException;
import io.registry.storage.BlobStorage;
import io.registry.storage.BlobWriter;
import io.registry.storage.KeyLocks;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.List;

/**
 * The layer of an image of another registry on its way into the store. Nobody sees any of it before
 * it is committed. For one thread at a time.
 */
public final class LayerCopy implements AutoCloseable {
  private final ImageId id;
  private final byte[] json;
  private final BlobStorage storage;
  private final StoredChecksums checksums;
  private final KeyLocks locks;
  private final BlobWriter writer;
  private final MessageDigest digest = Checksum.sha256();

  LayerCopy(
      ImageId id, byte[] json, BlobStorage storage, StoredChecksums checksums, KeyLocks locks) {
    this.id = id;
    this.json = json;
    this.storage = storage;
    this.checksums = checksums;
    this.locks = locks;
    this.writer = storage.createIfAbsent(ImageKeys.layer(id));
    digest.update(json);
    digest.update((byte) '\n');
  }

  /** Opens what was written, to read it once more. */
  public interface Again {
    /** The bytes from the first on; whoever asks closes them. */
    InputStream open() throws IOException;
  }

  /** Adds bytes. */
  public void write(byte[] bytes, int offset, int length) {
    digest.update(bytes, offset, length);
    writer.write(bytes, offset, length);
  }

  /**
   * Compares the layer with its checksums: those that were told now, and those on file. Once all
   * bytes were written, and once only.
   *
   * @param told by the other registry
   * @param again needed only when there is no checksum but a tarsum
   * @return whether there was any checksum that could be computed
   * @throws RegistryException {@code INVALID} when it is another layer than the one that was summed
   * @throws IOException when it cannot be read again
   */
  public boolean verify(List<Checksum> told, Again again) throws IOException {
    Checksum sum = Checksum.simple(digest);
    boolean any = false;
    for (List<Checksum> known : List.of(told, checksums.read(ImageKeys.checksum(id)))) {
      if (known.stream().anyMatch(Checksum::isSimple)) {
        require(known.contains(sum));
        any = true;
      }
    }
    List<Checksum> tarSums = told.stream().filter(Checksum::isTarSum).toList();
    if (any || tarSums.isEmpty()) {
      return any;
    }
    try (InputStream layer = again.open()) {
      TarSum tarSum = TarSum.of(json, layer);
      require(tarSums.stream().anyMatch(tarSum::matches));
      return true;
    }
  }

  private static void require(boolean same) {
    if (!same) {
      throw new RegistryException(Problem.INVALID, "Checksum mismatch");
    }
  }

  /**
   * Puts the layer in its place, unless there is one by now. When this returns, it survives a
   * crash.
   *
   * @throws RegistryException {@code CONFLICT} when the image has changed since, or is being pushed
   */
  public void commit() {
    try (KeyLocks.Held held = locks.lock(ImageKeys.folder(id))) {
      ImageFiles files = ImageFiles.list(storage, id);
      if (files.hasMark()
          || storage
              .read(ImageKeys.json(id), ImageKeys.SMALL)
              .filter(stored -> Arrays.equals(stored, json))
              .isEmpty()) {
        throw new RegistryException(
            Problem.CONFLICT, "The image was pushed while its layer was copied");
      }
      boolean unused = writer.commit();
    }
  }

  /** Throws away what was not committed. */
  @Override
  public void close() {
    writer.close();
  }
}
