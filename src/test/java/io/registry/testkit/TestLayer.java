package io.registry.testkit;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/** A layer that is made entry by entry, as GNU tar would. */
public final class TestLayer {
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final TarArchiveOutputStream tar;

  private TestLayer() {
    tar = new TarArchiveOutputStream(bytes, 512, StandardCharsets.UTF_8.name());
    tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_GNU);
  }

  /** One without entries. */
  public static TestLayer empty() {
    return new TestLayer();
  }

  /** One with empty files, and folders where a name ends with a slash. */
  public static byte[] of(String... names) {
    TestLayer layer = new TestLayer();
    for (String name : names) {
      layer.file(name, 0);
    }
    return layer.bytes();
  }

  /** Content in gzip, in as many ways as there are numbers up to its length. */
  public static byte[] compressed(byte[] content, int variant) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(out, 512, true)) {
      gzip.write(content, 0, variant);
      gzip.flush();
      gzip.write(content, variant, content.length - variant);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }

  /** Adds a file of that size, or a folder where the name ends with a slash. */
  public TestLayer file(String name, int size) {
    byte flag = name.endsWith("/") ? TarArchiveEntry.LF_DIR : TarArchiveEntry.LF_NORMAL;
    return entry(name, flag, size, entry -> entry.setMode(name.endsWith("/") ? 0755 : 0644));
  }

  /** Adds anything, of 2014 and root's unless it is changed. */
  public TestLayer entry(String name, byte flag, int size, Consumer<TarArchiveEntry> change) {
    try {
      TarArchiveEntry entry = new TarArchiveEntry(name, flag, true);
      entry.setSize(size);
      entry.setMode(0644);
      entry.setModTime(1_400_000_000_000L);
      change.accept(entry);
      tar.putArchiveEntry(entry);
      tar.write(new byte[size]);
      tar.closeArchiveEntry();
      return this;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** All of it. */
  public byte[] bytes() {
    try {
      tar.close();
      return bytes.toByteArray();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
