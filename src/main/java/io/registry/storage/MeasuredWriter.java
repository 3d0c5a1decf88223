package io.registry.storage;

/** Measures the time that the store takes to write a blob, without the pauses of the sender. */
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

  // An upload that the sender aborts says nothing about the store.
  @Override
  public void close() {
    try {
      writer.close();
    } finally {
      call.giveUp();
    }
  }
}
