package io.registry.storage;

import java.io.InputStream;
import java.nio.file.Path;
import java.util.Optional;

/** An open blob, or an open part of one. The caller that opened it closes it. */
public interface Blob extends AutoCloseable {

  /** The size of the whole blob in bytes, as in {@link BlobInfo#size}. */
  long size();

  /** The offset of the opened part in the blob, in bytes. */
  long offset();

  /** The length of the opened part in bytes; negative when the size is not known. */
  long length();

  /**
   * A text without quotes or blanks that changes whenever the bytes of the blob are replaced; empty
   * when it has none yet.
   */
  String version();

  /**
   * The bytes of the opened part; closing the blob closes this stream. Call it only once. When the
   * store fails, reading throws a {@link StorageException}.
   */
  InputStream body();

  /** The file that contains the whole blob, if there is one: it may be sent without copying. */
  Optional<Path> file();

  /** Releases the resources of the blob. */
  @Override
  void close();
}
