package io.registry.operations.backfill;

import io.registry.content.walk.RecordFile;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.util.Optional;

/** Why images are not served, by the numbers of the images, in files. For one thread. */
final class Reasons implements AutoCloseable {
  /** What {@link RandomAccessFile#writeUTF} takes in any case. */
  private static final int MAX_TEXT = 10_000;

  private final RecordFile offsets;
  private final RandomAccessFile texts;

  Reasons(WorkPlace work, int images) throws IOException {
    this.offsets = new RecordFile(work.offsets(), Long.BYTES, images);
    this.texts = new RandomAccessFile(work.reasons().toFile(), "rw");
  }

  /** A reason: the code of a finding, and a text for people. */
  record Reason(String code, String text) {}

  void put(int image, Reason reason) {
    try {
      texts.seek(texts.length());
      offsets.map(image).putLong(offsets.offset(image), texts.getFilePointer() + 1);
      texts.writeUTF(reason.code());
      String text = reason.text();
      texts.writeUTF(text.substring(0, Math.min(MAX_TEXT, text.length())));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  Optional<Reason> get(int image) {
    long offset = offsets.map(image).getLong(offsets.offset(image));
    if (offset == 0) {
      return Optional.empty();
    }
    try {
      texts.seek(offset - 1);
      return Optional.of(new Reason(texts.readUTF(), texts.readUTF()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() throws IOException {
    texts.close();
  }
}
