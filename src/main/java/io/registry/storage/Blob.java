package io.registry.storage;

import java.io.InputStream;
import java.nio.file.Path;
import java.util.Optional;

/** An open blob, or an open part of one. Whoever opened it closes it. */
public interface Blob extends AutoCloseable {

  /** The size of the whole blob in bytes, as {@link BlobInfo#size} tells it. */
  long size();

  /** Where the opened part begins in the blob, in bytes. */
  long offset();

  /** The number of bytes of the opened part; negative when the size is not known. */
  long length();

  /**
   * A text without quotes or blanks that changes whenever the bytes of the blob are replaced; empty
   * when it has none yet.
   */
  String version();

  /**
   * The bytes of the opened part; closing the blob closes this stream. Not to be asked twice. When
   * the store fails, reading throws a {@link StorageException}.
   */
  InputStream body();

  /** The file that holds the whole blob, when there is one: it may be sent without copying. */
  Optional<Path> file();

  /** Releases what the blob holds. */
  @Override
  void close();
}
