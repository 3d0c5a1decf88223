package io.registry.contents;

import io.registry.contents.ContentsProperties.Limits;
import io.registry.json.JsonCodec;
import io.registry.problem.Problem;
import io.registry.problem.RegistryException;
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
 * Lists what a layer holds (protocol 2.2): a tar in any dialect, plain or packed with gzip, bzip2,
 * xz, lzma or Zstandard. Nothing of it is in memory but an entry at a time.
 */
final class LayerFiles {
  private static final int BUFFER = 64 * 1024;
  private static final byte[] SEPARATOR = {',', ' '};

  /** So much of the heap may unpacking take, whatever is set. */
  private static final int PART_OF_HEAP = 4;

  private final JsonCodec codec;
  private final Clock clock;
  private final Limits limits;

  /**
   * Lists layers.
   *
   * @param codec writes the lists
   * @param clock measures how long it takes
   * @param limits what is read at most
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
   * @param wanted whether to go on; asked often
   * @param out takes the list as JSON; not closed
   * @throws RegistryException {@code INVALID} when it is no archive, a broken one, or more than may
   *     be read
   * @throws AbandonedException when it is no longer wanted
   */
  void list(InputStream layer, BooleanSupplier wanted, OutputStream out) {
    LayerSource source = new LayerSource(layer, clock, limits.time(), wanted);
    try (InputStream unpacked = Compression.unpack(source, memory())) {
      UnpackedLayer in = new UnpackedLayer(unpacked, source, limits);
      OutputStream list = new BufferedOutputStream(out, BUFFER);
      list(new TarReader(in, (int) limits.nameLength().toBytes()), list);
      // What follows the tar is of no interest, but the checksums of what it is packed in are.
      long unused = in.transferTo(OutputStream.nullOutputStream());
      list.flush();
    } catch (RegistryException | AbandonedException e) {
      throw e;
    } catch (OutOfMemoryError e) {
      // Of what others do at the same time, too: it says nothing about the layer.
      throw new RegistryException(
          Problem.UNAVAILABLE, "There is not enough memory to list the layer now", e);
    } catch (MemoryLimitException e) {
      throw LayerRefusals.tooMuch("unpacking it takes too much memory");
    } catch (IOException | RuntimeException e) {
      // Who is told to stop may find that as a failure of what is being read.
      if (!wanted.getAsBoolean()) {
        throw new AbandonedException();
      }
      // Decompressors fail in many ways on what nobody has packed.
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
