package io.registry;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.equivalentTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaPackage;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/**
 * The packages and the dependencies between them, as the tree and docs/architecture.md show them.
 */
class ArchitectureTest {
  private static final String ROOT = "io.registry";
  private static final Path TREE = Path.of("src/main/java/io/registry");
  private static final int MOST_FLOORS = 10;

  /** From the highest to the lowest, as the package-info of the root lists them. */
  private static final List<String> FLOORS = floors();

  private static final JavaClasses MAIN =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages(ROOT);

  @Test
  void packagesAreFreeOfCycles() {
    slices().matching(ROOT + ".(**)").should().beFreeOfCycles().check(MAIN);
  }

  @Test
  void theFoldersAreTheFloors() throws IOException {
    try (Stream<Path> folders = Files.list(TREE).filter(Files::isDirectory)) {
      assertThat(folders.map(folder -> folder.getFileName().toString()))
          .hasSizeLessThanOrEqualTo(MOST_FLOORS)
          .containsExactlyInAnyOrderElementsOf(FLOORS)
          .allMatch(floor -> Files.exists(TREE.resolve(floor).resolve("package-info.java")));
    }
  }

  @Test
  void floorsDependOnLowerOnesOnly() {
    for (int floor = 0; floor < FLOORS.size(); floor++) {
      String[] visible =
          FLOORS.stream().skip(floor).map(each -> inRoot(each) + "..").toArray(String[]::new);
      classes()
          .that()
          .resideInAPackage(inRoot(FLOORS.get(floor)) + "..")
          .should()
          .onlyDependOnClassesThat(
              resideInAnyPackage(visible).or(resideOutsideOfPackage(ROOT + "..")))
          .check(MAIN);
    }
  }

  @Test
  void noPackageDependsOnAProtocolOrOnTomcat() {
    Stream.of("web.v1", "web.v2", "web.api", "web.tomcat")
        .forEach(
            protocol ->
                noClasses()
                    .that()
                    .resideOutsideOfPackage(inRoot(protocol))
                    .should()
                    .dependOnClassesThat()
                    .resideInAPackage(inRoot(protocol) + "..")
                    .check(MAIN));
  }

  @Test
  void noPackageDependsOnTheRoot() {
    noClasses()
        .that()
        .resideOutsideOfPackage(ROOT)
        .should()
        .dependOnClassesThat()
        .resideInAPackage(ROOT)
        .check(MAIN);
  }

  @Test
  void noPackageDependsOnAStorageDriver() {
    noClasses()
        .that()
        .resideOutsideOfPackage(inRoot("storage.*"))
        .should()
        .dependOnClassesThat()
        .resideInAPackage(inRoot("storage.*") + "..")
        .check(MAIN);
  }

  @Test
  void onlyTheDriverOfAStoreUsesItsClient() {
    Map.of(
            "storage.s3",
            "software.amazon.awssdk..",
            "storage.gcs",
            "com.google..",
            "features.cache",
            "io.lettuce..")
        .forEach(
            (driver, client) ->
                noClasses()
                    .that()
                    .resideOutsideOfPackage(inRoot(driver))
                    .should()
                    .dependOnClassesThat()
                    .resideInAPackage(client)
                    .check(MAIN));
  }

  @Test
  void onlyOpsUsesTheLibrariesOfTraces() {
    noClasses()
        .that()
        .resideOutsideOfPackages(ROOT, inRoot("operations.health"))
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("io.micrometer.tracing..", "io.opentelemetry..")
        .check(MAIN);
  }

  @Test
  void onlyPackagesWithTablesUseSql() {
    noClasses()
        .that()
        .resideOutsideOfPackages(
            inRoot("platform.database"),
            inRoot("access.index"),
            inRoot("features.search"),
            inRoot("features.events"))
        .should()
        .dependOnClassesThat()
        .resideInAPackage("org.springframework.jdbc..")
        .check(MAIN);
  }

  @Test
  void onlyTheWebPackagesUseHttp() {
    noClasses()
        .that()
        .resideOutsideOfPackage(inRoot("web") + "..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "jakarta.servlet..",
            "org.springframework.web..",
            "org.springframework.http..",
            "org.apache.catalina..",
            "org.apache.coyote..",
            "org.apache.tomcat..")
        .check(MAIN);
  }

  @Test
  void onlyTheJsonPackageUsesJacksonExceptForParsedValues() {
    noClasses()
        .that()
        .resideOutsideOfPackage(inRoot("platform.json"))
        .should()
        .dependOnClassesThat(
            resideInAPackage("tools.jackson..").and(not(equivalentTo(JsonNode.class))))
        .check(MAIN);
    noClasses()
        .that()
        .resideOutsideOfPackages(
            inRoot("platform.json"),
            inRoot("content.image"),
            inRoot("content.repository"),
            inRoot("access.auth"),
            inRoot("content.files"),
            inRoot("content.manifest"),
            inRoot("bridge"),
            inRoot("content.archive"),
            inRoot("upstream.v2"),
            inRoot("operations.collect"),
            inRoot("operations.transfer"),
            inRoot("upstream.mirror"),
            inRoot("features.events"),
            inRoot("web.v1"))
        .should()
        .dependOnClassesThat()
        .resideInAPackage("tools.jackson..")
        .check(MAIN);
  }

  @Test
  void everyPackageIsNullMarked() {
    assertThat(MAIN.stream().map(JavaClass::getPackage).distinct())
        .isNotEmpty()
        .allMatch(each -> each.isAnnotatedWith(NullMarked.class), "is @NullMarked")
        .extracting(JavaPackage::getName)
        .contains(ROOT, inRoot("web.v1"));
  }

  private static List<String> floors() {
    try {
      return Pattern.compile("<li>\\{@code (\\w+)\\}")
          .matcher(Files.readString(TREE.resolve("package-info.java")))
          .results()
          .map(found -> found.group(1))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String inRoot(String name) {
    return ROOT + "." + name;
  }
}
