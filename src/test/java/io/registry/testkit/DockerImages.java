package io.registry.testkit;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/** Images as a daemon of a family builds them: gzip'd tars and the JSON of their time. */
public final class DockerImages {
  private static final int END_BLOCKS = 1024;
  private static final int LARGE = 100_000;

  private DockerImages() {}

  /**
   * Three images that build upon each other.
   *
   * @param family whose tars and JSON they have
   * @param name the same name gives the same images
   * @return a large base image, one whose layer is empty, and one with small files on top
   */
  public static List<TestImage> chain(DockerFamily family, String name) {
    String middle = TestImage.id(name + " middle");
    String top = TestImage.id(name + " top");
    byte[] large = new byte[LARGE];
    new Random(name.hashCode()).nextBytes(large);
    List<File> busybox = List.of(new File("bin/busybox", large));
    // Since 1.10 a base image without more than its id has the hash of its layer for an id.
    String base =
        family.synthesisesImages() ? digest(plain(family, busybox)) : TestImage.id(name + " base");
    return List.of(
        image(family, base, "", layer(family, busybox)),
        image(family, middle, base, layer(family, List.of())),
        new TestImage(
            top,
            topJson(family, top, middle),
            layer(family, List.of(file("etc/motd", "hello\n"), file("etc/hosts", "")))));
  }

  private static TestImage image(DockerFamily family, String id, String parent, byte[] layer) {
    String json;
    if (!family.synthesisesImages()) {
      json =
          "{\"id\":\"%s\",%s\"created\":\"2014-06-06T07:07:07.123456789Z\",\"Size\":%d}"
              .formatted(id, member("parent", parent), layer.length);
    } else if (parent.isEmpty()) {
      json = "{\"id\":\"%s\"}".formatted(id);
    } else {
      json =
          ("{\"id\":\"%s\",%s\"created\":\"1970-01-01T00:00:00Z\",\"container_config\":{\"Cmd\":"
                  + "[\"/bin/sh -c #(nop) ENV a=\\u003cb\\u003e\"]}}")
              .formatted(id, member("parent", parent));
    }
    return new TestImage(id, json.getBytes(StandardCharsets.UTF_8), layer);
  }

  // The bytes enter the checksum, so that spaces, the keys' order and unknown keys have to survive.
  private static byte[] topJson(DockerFamily family, String id, String parent) {
    return "{\"zeta\":1.50, \"id\" : \"%s\",\n\t%s\"docker_version\":\"%s\",\"author\":\"J\u00fcrgen \\u003c\"}"
        .formatted(id, member("parent", parent), family)
        .getBytes(StandardCharsets.UTF_8);
  }

  private static String member(String name, String value) {
    return value.isEmpty() ? "" : "\"%s\":\"%s\",".formatted(name, value);
  }

  private static File file(String name, String content) {
    return new File(name, content.getBytes(StandardCharsets.US_ASCII));
  }

  private static byte[] layer(DockerFamily family, List<File> files) {
    ByteArrayOutputStream compressed = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(compressed)) {
      gzip.write(plain(family, files));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return compressed.toByteArray();
  }

  private static byte[] plain(DockerFamily family, List<File> files) {
    ByteArrayOutputStream plain = new ByteArrayOutputStream();
    try {
      plain.write(entries(files));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    if (family.endsTars()) {
      plain.writeBytes(new byte[END_BLOCKS]);
    }
    return plain.toByteArray();
  }

  private static String digest(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private static byte[] entries(List<File> files) throws IOException {
    ByteArrayOutputStream plain = new ByteArrayOutputStream();
    try (TarArchiveOutputStream tar = new TarArchiveOutputStream(plain)) {
      for (File file : files) {
        TarArchiveEntry entry = new TarArchiveEntry(file.name());
        entry.setSize(file.content().length);
        entry.setModTime(1_400_000_000_000L);
        tar.putArchiveEntry(entry);
        tar.write(file.content());
        tar.closeArchiveEntry();
      }
      tar.flush();
      // Without the end blocks, which only closing writes.
      return plain.toByteArray();
    }
  }

  /** The ids of images, in their order. */
  public static List<String> ids(List<TestImage> images) {
    List<String> ids = new ArrayList<>();
    images.forEach(image -> ids.add(image.id()));
    return ids;
  }

  @SuppressWarnings("ArrayRecordComponent")
  private record File(String name, byte[] content) {}
}
