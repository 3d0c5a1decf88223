package io.registry.deployment;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.ar.ArArchiveEntry;
import org.apache.commons.compress.archivers.ar.ArArchiveInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;

/**
 * What is in the package that was built.
 *
 * @param control what is for dpkg, by name
 * @param files what it installs, by absolute path
 */
record DebianPackage(Map<String, Member> control, Map<String, Member> files) {
  /** Larger ones are not kept: the jar. */
  private static final int KEPT = 1_000_000;

  /** A file, its permissions and its owner; without its text when it is large. */
  record Member(int mode, String owner, String text) {}

  static DebianPackage read() throws IOException {
    try (Stream<Path> built = Files.list(Path.of("target"))) {
      List<Path> packages = built.filter(file -> file.toString().endsWith(".deb")).toList();
      if (packages.size() != 1) {
        throw new IOException("there is not one package in target, but " + packages);
      }
      return read(packages.get(0));
    }
  }

  private static DebianPackage read(Path file) throws IOException {
    Map<String, Member> control = Map.of();
    Map<String, Member> files = Map.of();
    try (ArArchiveInputStream archive =
        new ArArchiveInputStream(new BufferedInputStream(Files.newInputStream(file)))) {
      for (ArArchiveEntry part = archive.getNextEntry();
          part != null;
          part = archive.getNextEntry()) {
        switch (part.getName()) {
          case "control.tar.gz" -> control = members(archive);
          case "data.tar.gz" -> files = members(archive);
          default -> {}
        }
      }
    }
    return new DebianPackage(control, files);
  }

  // The stream of a part ends with the part, and is not this method's to close.
  @SuppressWarnings("resource")
  private static Map<String, Member> members(InputStream part) throws IOException {
    Map<String, Member> members = new TreeMap<>();
    TarArchiveInputStream tar = new TarArchiveInputStream(new GZIPInputStream(part));
    for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
      if (entry.isFile()) {
        String text =
            entry.getSize() > KEPT ? "" : new String(tar.readAllBytes(), StandardCharsets.UTF_8);
        members.put(
            entry.getName().replaceFirst("^\\.", "").replaceFirst("^/(?=[a-z0-9]+$)", ""),
            new Member(
                entry.getMode() & 0777, entry.getUserName() + ":" + entry.getGroupName(), text));
      }
    }
    return members;
  }

  /** The fields of the file control, with what continues them. */
  Map<String, String> fields() throws IOException {
    Map<String, String> fields = new TreeMap<>();
    String name = "";
    String control = control().getOrDefault("control", new Member(0, "", "")).text();
    for (String line : control.lines().toList()) {
      if (line.startsWith(" ")) {
        fields.merge(name, line, (first, more) -> first + "\n" + more);
      } else {
        String[] parts = line.split(": ?", 2);
        name = parts[0];
        fields.put(name, parts[1]);
      }
    }
    return fields;
  }
}
