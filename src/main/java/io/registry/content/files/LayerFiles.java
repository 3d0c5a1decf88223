package io.registry.content.files;

import io.registry.content.files.ContentsProperties.Limits;
import io.registry.platform.json.JsonCodec;
import io.registry.platform.problem.Problem;
import io.registry.platform.problem.RegistryException;
import io.registry.storage.StorageException;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.tukaani.xz.MemoryLimitException;

/**
 * Lists the files in a layer (protocol 2.2): a tar in any dialect, plain or compressed with gzip,
 * bzip2, xz, lzma or Zstandard. At most one entry is in memory.
 */
final class LayerFiles {
  private static final int BUFFER = 64 * 1024;
  private static final byte[] SEPARATOR = {',', ' '};

  /** The largest part of the heap that decompression may use, whatever the setting. */
  private static final int PART_OF_HEAP = 4;

  private final JsonCodec codec;
  private final Clock clock;
  private final Limits limits;

  /**
   * Creates the lister.
   *
   * @param codec writes the listings
   * @param clock measures how long it takes
   * @param limits the limits
   */
  LayerFiles(JsonCodec codec, Clock clock, Limits limits) {
    this.codec = codec;
    this.clock = clock;
    this.limits = limits;
  }

  /**
   * Lists a layer.
   *
   * @param layer its bytes; not closed
   * @param wanted whether to go on; called often
   * @param out receives the listing as JSON; not closed
   * @throws RegistryException {@code INVALID} when it is not an archive, is damaged, or exceeds a
   *     limit
   * @throws AbandonedException when the work is cancelled
   */
  void list(InputStream layer, BooleanSupplier wanted, OutputStream out) {
    LayerSource source = new LayerSource(layer, clock, limits.time(), wanted);
    try (InputStream unpacked = Compression.unpack(source, memory())) {
      UnpackedLayer in = new UnpackedLayer(unpacked, source, limits);
      OutputStream list = new BufferedOutputStream(out, BUFFER);
      list(new TarReader(in, (int) limits.nameLength().toBytes()), list);
      // The content after the tar is ignored, but reading it verifies the checksums of the
      // compression.
      in.transferTo(OutputStream.nullOutputStream());
      list.flush();
    } catch (RegistryException | AbandonedException e) {
      throw e;
    } catch (OutOfMemoryError e) {
      // Other work may have used the memory, too, so it says nothing about the layer.
      throw new RegistryException(
          Problem.UNAVAILABLE, "There is not enough memory to list the layer now", e);
    } catch (MemoryLimitException e) {
      throw LayerRefusals.tooMuch("unpacking it takes too much memory");
    } catch (IOException | RuntimeException e) {
      // A cancellation may surface as a failure to read.
      if (!wanted.getAsBoolean()) {
        throw new AbandonedException();
      }
      // Decompressors throw many kinds of exceptions on invalid input.
      throw e instanceof StorageException failure ? failure : LayerRefusals.broken(e);
    }
  }

  private long memory() {
    return Math.min(limits.memory().toBytes(), Runtime.getRuntime().maxMemory() / PART_OF_HEAP);
  }

  private void list(TarReader tar, OutputStream out) throws IOException {
    int entries = 0;
    long size = 0;
    out.write('[');
    for (Optional<TarEntry> entry = tar.next(); entry.isPresent(); entry = tar.next()) {
      entries++;
      if (entries > limits.entries()) {
        throw LayerRefusals.tooMuch("it has more than " + limits.entries() + " entries");
      }
      Optional<ListedFile> file = ListedFile.of(entry.get());
      if (file.isPresent()) {
        if (size > 0) {
          out.write(SEPARATOR);
        }
        byte[] row = row(file.get());
        size += row.length;
        if (size > limits.listing().toBytes()) {
          throw LayerRefusals.tooMuch("its list is too long");
        }
        out.write(row);
      }
    }
    out.write(']');
  }

  private byte[] row(ListedFile file) {
    List<Object> row = new ArrayList<>();
    row.add(file.name());
    row.addAll(file.details());
    return codec.render(row);
  }
}
