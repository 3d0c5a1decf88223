package io.registry.storage;

/** Times what the store takes to write a blob, without the pauses of whoever sends it. */
final class MeasuredWriter extends BlobWriter {
  private final BlobWriter writer;
  private final MeasuredCall call;

  MeasuredWriter(BlobWriter writer, MeasuredCall call) {
    this.writer = writer;
    this.call = call;
  }

  @Override
  public void write(byte[] bytes, int offset, int length) {
    long start = System.nanoTime();
    try {
      writer.write(bytes, offset, length);
      call.add(start);
    } catch (RuntimeException e) {
      call.addFailure(start, e);
      throw e;
    }
  }

  @Override
  public boolean commit() {
    long start = System.nanoTime();
    try {
      boolean published = writer.commit();
      call.add(start);
      return published;
    } catch (RuntimeException e) {
      call.addFailure(start, e);
      throw e;
    } finally {
      call.end();
    }
  }

  // What is given up by whoever sends it says nothing about the store.
  @Override
  public void close() {
    try {
      writer.close();
    } finally {
      call.giveUp();
    }
  }
}
