package io.registry.deployment;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What the jar says that it is made of, and under which licences that is. */
class BillOfMaterialsIT {
  private static final Path JAR = Path.of("target", "registry.jar");
  private static final String BILL = "META-INF/sbom/application.cdx.json";
  private static final String LIBRARIES = "BOOT-INF/lib/";

  /** What may be put together with what is under the Apache License and given to others. */
  private static final Set<String> ALLOWED =
      Set.of(
          "Apache-2.0",
          "MIT",
          "MIT-0",
          "0BSD",
          "BSD-2-Clause",
          "BSD-3-Clause",
          "CC0-1.0",
          "EPL-1.0",
          "EPL-2.0",
          "MPL-2.0");

  @Test
  void everyLibraryIsUnderALicenceThatIsAllowed() throws IOException {
    assertThat(components())
        .isNotEmpty()
        .allSatisfy(
            component ->
                // Of several, one may be chosen.
                assertThat(licences(component))
                    .as(component.path("purl").asString())
                    .containsAnyElementsOf(ALLOWED));
  }

  @Test
  void theBillNamesWhatIsInTheJarAndNothingElse() throws IOException {
    try (JarFile jar = new JarFile(JAR.toFile())) {
      List<String> libraries =
          jar.stream()
              .map(JarEntry::getName)
              .filter(name -> name.startsWith(LIBRARIES) && name.endsWith(".jar"))
              .map(name -> name.substring(LIBRARIES.length()))
              // What Spring Boot puts in to unpack the jar.
              .filter(name -> !name.startsWith("spring-boot-jarmode-tools-"))
              .toList();

      // Starters are empty, and Spring Boot leaves them out.
      assertThat(components())
          .filteredOn(
              component -> !component.path("name").asString().startsWith("spring-boot-starter"))
          .extracting(
              component ->
                  component.path("name").asString()
                      + "-"
                      + component.path("version").asString()
                      + ".jar")
          .containsExactlyInAnyOrderElementsOf(libraries);
    }
  }

  @Test
  void theJarSaysHowItIsReadAndByWhomItWasMade() throws IOException {
    try (JarFile jar = new JarFile(JAR.toFile())) {
      var manifest = jar.getManifest().getMainAttributes();
      assertThat(manifest.getValue("Sbom-Format")).isEqualTo("CycloneDX");
      assertThat(manifest.getValue("Sbom-Location")).isEqualTo(BILL);
      assertThat(bill().at("/metadata/component/name").asString()).isEqualTo("registry");
      assertThat(bill().at("/metadata/component").toString()).doesNotContain("spring-boot");
    }
  }

  // Which of the two would be taken depends on their order.
  @Test
  void noClassIsInTwoLibraries() throws IOException {
    Map<String, String> owners = new HashMap<>();
    List<String> twice = new ArrayList<>();
    try (ZipInputStream jar =
        new ZipInputStream(new BufferedInputStream(Files.newInputStream(JAR)))) {
      for (ZipEntry entry = jar.getNextEntry(); entry != null; entry = jar.getNextEntry()) {
        String library = entry.getName();
        if (library.startsWith(LIBRARIES) && library.endsWith(".jar")) {
          for (String name : classes(jar)) {
            String other = owners.putIfAbsent(name, library);
            if (other != null) {
              twice.add(name + " in " + other + " and " + library);
            }
          }
        }
      }
    }
    assertThat(owners).hasSizeGreaterThan(10_000);
    assertThat(twice).isEmpty();
  }

  // The library ends where its entry does; the stream is not this method's to close.
  @SuppressWarnings("resource")
  private static List<String> classes(InputStream library) throws IOException {
    List<String> names = new ArrayList<>();
    ZipInputStream zip = new ZipInputStream(library);
    for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
      String name = entry.getName();
      if (name.endsWith(".class")
          && !name.startsWith("META-INF/")
          && !name.endsWith("module-info.class")) {
        names.add(name);
      }
    }
    return names;
  }

  private static List<String> licences(JsonNode component) {
    return component
        .path("licenses")
        .valueStream()
        .flatMap(
            choice ->
                Stream.of(
                        choice.path("expression").asString(""),
                        choice.at("/license/id").asString(""),
                        choice.at("/license/name").asString("").replace("EPL 1.0", "EPL-1.0"))
                    .filter(name -> !name.isEmpty()))
        .toList();
  }

  private static List<JsonNode> components() throws IOException {
    return bill().path("components").valueStream().toList();
  }

  private static JsonNode bill() throws IOException {
    try (JarFile jar = new JarFile(JAR.toFile())) {
      ZipEntry entry = Objects.requireNonNull(jar.getEntry(BILL), BILL);
      try (InputStream in = jar.getInputStream(entry)) {
        return new JsonMapper().readTree(in);
      }
    }
  }
}
