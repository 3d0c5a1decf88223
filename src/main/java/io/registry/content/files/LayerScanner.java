package io.registry.content.files;

import io.registry.content.manifest.Digest;
import io.registry.platform.problem.Problem;
import io.registry.platform.problem.RegistryException;
import io.registry.storage.StorageException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PushbackInputStream;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.time.Clock;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * Reads a stored layer once, and finds out its digests and its form. The memory it takes does not
 * depend on the size of the layer.
 */
public final class LayerScanner {
  /** Longer names do not occur; docker itself allows up to 4 KiB in a path. */
  private static final int MAX_NAME = 1024 * 1024;

  private static final int BUFFER = 64 * 1024;
  private static final int PART_OF_HEAP = 4;

  private final Clock clock;
  private final ContentsProperties.Limits limits;

  /**
   * A scanner.
   *
   * @param clock measures how long a scan takes
   * @param limits how much of a layer is unpacked at most
   */
  public LayerScanner(Clock clock, ContentsProperties.Limits limits) {
    this.clock = clock;
    this.limits = limits;
  }

  /**
   * Reads a layer to its end.
   *
   * @param layer its stored bytes; not closed
   * @param wanted whether to go on; asked often
   * @return what was found
   * @throws UnreadableLayerException when no client could unpack the layer
   * @throws RegistryException {@code UNAVAILABLE} when the scan takes too long or too much memory
   * @throws AbandonedException when the scan is no longer wanted
   */
  public ScannedLayer scan(InputStream layer, BooleanSupplier wanted)
      throws UnreadableLayerException {
    MessageDigest stored = Digest.sha256();
    LayerSource source =
        new LayerSource(new DigestInputStream(layer, stored), clock, limits.time(), wanted);
    try {
      PushbackInputStream in = new PushbackInputStream(source, TarHeader.SIZE);
      Compression compression = Compression.peek(in);
      // What is not packed has one digest.
      Optional<MessageDigest> plain =
          compression == Compression.NONE ? Optional.empty() : Optional.of(Digest.sha256());
      try (InputStream packed = compression.open(in, memory());
          Measured unpacked = new Measured(new UnpackedLayer(packed, source, limits), plain)) {
        TarReader tar = new TarReader(unpacked, MAX_NAME, false);
        boolean more = true;
        while (more) {
          more = tar.next().isPresent();
        }
        // Docker hashes what follows the end of the tar, too.
        unpacked.transferTo(OutputStream.nullOutputStream());
        source.transferTo(OutputStream.nullOutputStream());
        Digest digest = Digest.ofHash(stored.digest());
        return new ScannedLayer(
            source.count(),
            digest,
            compression,
            packed instanceof GzipMembers gzip && gzip.isFollowed(),
            unpacked.count,
            plain.map(hash -> Digest.ofHash(hash.digest())).orElse(digest),
            unpacked.isZero);
      }
    } catch (LayerRefusals.TooMuchException e) {
      if (e.isSlow()) {
        throw new RegistryException(Problem.UNAVAILABLE, "The layer: " + e.reason(), e);
      }
      throw new UnreadableLayerException(e.reason(), e);
    } catch (RegistryException | AbandonedException | StorageException e) {
      throw e;
    } catch (OutOfMemoryError e) {
      // Other requests take memory too: this says nothing about the layer.
      throw new RegistryException(
          Problem.UNAVAILABLE, "There is not enough memory to read the layer now", e);
    } catch (IOException | RuntimeException e) {
      if (!wanted.getAsBoolean()) {
        throw new AbandonedException();
      }
      throw new UnreadableLayerException(reason(e), e);
    }
  }

  /**
   * Unpacks a layer for a client.
   *
   * @param layer its stored bytes, which a scan has found to be readable; not closed
   * @return the unpacked bytes; the caller closes them
   * @throws IOException when the layer cannot be read
   */
  public InputStream unpack(InputStream layer) throws IOException {
    return Compression.unpack(layer, memory());
  }

  private long memory() {
    return Math.min(limits.memory().toBytes(), Runtime.getRuntime().maxMemory() / PART_OF_HEAP);
  }

  private static String reason(Exception failure) {
    String text = failure.getMessage();
    return text == null ? failure.getClass().getSimpleName() : text;
  }

  /** Counts what is read, and hashes it where that is wanted. */
  private static final class Measured extends FilterInputStream {
    private final Optional<MessageDigest> digest;
    private long count;
    private boolean isZero = true;

    Measured(InputStream in, Optional<MessageDigest> digest) {
      super(in);
      this.digest = digest;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      int read = super.read(bytes, offset, length);
      if (read > 0) {
        digest.ifPresent(hash -> hash.update(bytes, offset, read));
        count += read;
        for (int i = offset; isZero && i < offset + read; i++) {
          isZero = bytes[i] == 0;
        }
      }
      return read;
    }

    @Override
    public long skip(long bytes) throws IOException {
      return readNBytes((int) Math.min(bytes, BUFFER)).length;
    }

    @Override
    public boolean markSupported() {
      return false;
    }
  }
}
