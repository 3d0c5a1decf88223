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
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** The packages and the dependencies between them, as docs/architecture.md draws them. */
class ArchitectureTest {
  private static final String ROOT = "io.registry";
  private static final List<String> BELOW_WEB =
      List.of(
          "ops",
          "search",
          "contents",
          "mirror",
          "events",
          "auth",
          "repository",
          "image",
          "storage",
          "json",
          "logs",
          "problem");

  /** Packages that can be switched off, each without the others, and cost nothing then. */
  private static final List<String> FEATURES = List.of("search", "contents", "mirror", "events");

  /** What each package may use. A package that is not listed may not exist. */
  private static final Map<String, List<String>> DEPENDENCIES =
      Map.ofEntries(
          Map.entry("problem", List.of()),
          Map.entry("logs", List.of()),
          Map.entry("json", List.of()),
          Map.entry("trace", List.of()),
          Map.entry("client", List.of("concurrent", "trace")),
          Map.entry("concurrent", List.of()),
          Map.entry("storage", List.of("trace", "problem")),
          Map.entry("migration", List.of("storage", "problem")),
          Map.entry("storage.local", List.of("storage", "problem")),
          Map.entry("storage.s3", List.of("storage", "problem", "trace")),
          Map.entry("storage.gcs", List.of("storage", "problem", "trace")),
          Map.entry("defect", List.of("storage")),
          Map.entry("image", List.of("concurrent", "defect", "storage", "json", "problem")),
          Map.entry("repository", List.of("defect", "image", "storage", "json", "problem")),
          Map.entry("walk", List.of("repository", "image", "storage")),
          Map.entry(
              "check",
              List.of("walk", "defect", "manifest", "repository", "image", "storage", "json")),
          Map.entry(
              "backfill",
              List.of(
                  "walk",
                  "bridge",
                  "contents",
                  "defect",
                  "repository",
                  "image",
                  "storage",
                  "json",
                  "problem")),
          Map.entry(
              "auth",
              List.of("client", "concurrent", "repository", "image", "storage", "json", "problem")),
          Map.entry(
              "manifest",
              List.of("concurrent", "defect", "repository", "image", "storage", "json", "problem")),
          Map.entry(
              "bridge",
              List.of(
                  "concurrent",
                  "contents",
                  "repository",
                  "image",
                  "manifest",
                  "storage",
                  "json",
                  "problem")),
          // Formats of files and of another registry's answers: without a store, and without each
          // other.
          Map.entry("archive", List.of("concurrent", "contents", "manifest", "json")),
          Map.entry("remote", List.of("client", "manifest", "json")),
          Map.entry(
              "transfer",
              List.of(
                  "archive",
                  "remote",
                  "service",
                  "walk",
                  "bridge",
                  "contents",
                  "client",
                  "auth",
                  "repository",
                  "image",
                  "manifest",
                  "storage",
                  "json",
                  "problem")),
          Map.entry("database", List.of("problem")),
          Map.entry("contents", List.of("image", "manifest", "storage", "json", "problem")),
          Map.entry(
              "cache",
              List.of("auth", "concurrent", "repository", "image", "storage", "json", "problem")),
          Map.entry("index", List.of("database", "auth", "repository", "image", "json", "problem")),
          Map.entry(
              "search",
              List.of("database", "auth", "repository", "image", "storage", "json", "problem")),
          Map.entry(
              "mirror",
              List.of(
                  "service",
                  "remote",
                  "bridge",
                  "manifest",
                  "client",
                  "trace",
                  "concurrent",
                  "auth",
                  "repository",
                  "image",
                  "storage",
                  "json",
                  "problem")),
          Map.entry(
              "events",
              List.of(
                  "client", "concurrent", "database", "repository", "image", "json", "problem")),
          Map.entry(
              "ops",
              join(
                  FEATURES,
                  List.of(
                      "trace",
                      "cache",
                      "auth",
                      "repository",
                      "image",
                      "storage",
                      "json",
                      "problem"))),
          Map.entry("settings", List.of("problem")),
          Map.entry("control", List.of("auth", "settings")),
          Map.entry("web", join(List.of("control"), BELOW_WEB)),
          Map.entry(
              "service",
              List.of(
                  "auth",
                  "bridge",
                  "manifest",
                  "repository",
                  "image",
                  "storage",
                  "json",
                  "problem")),
          Map.entry("web.access", List.of("web", "auth", "repository", "problem")),
          Map.entry("web.tomcat", List.of("web", "control")),
          Map.entry("web.v1", join(List.of("web.access", "web", "service", "index"), BELOW_WEB)),
          Map.entry(
              "web.v2",
              join(List.of("web.access", "web", "service", "bridge", "manifest"), BELOW_WEB)),
          Map.entry("web.api", join(List.of("web.access", "web", "service", "index"), BELOW_WEB)));

  private static final JavaClasses MAIN =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages(ROOT);

  @Test
  void packagesAreFreeOfCycles() {
    slices().matching(ROOT + ".(**)").should().beFreeOfCycles().check(MAIN);
  }

  @Test
  void everyClassIsInAListedPackage() {
    String[] packages =
        Stream.concat(Stream.of(ROOT), DEPENDENCIES.keySet().stream().map(ArchitectureTest::inRoot))
            .toArray(String[]::new);
    classes().should().resideInAnyPackage(packages).check(MAIN);
  }

  @Test
  void packagesDependOnLowerOnesOnly() {
    DEPENDENCIES.forEach(
        (name, dependencies) -> {
          String[] visible =
              Stream.concat(Stream.of(name), dependencies.stream())
                  .map(ArchitectureTest::inRoot)
                  .toArray(String[]::new);
          classes()
              .that()
              .resideInAPackage(inRoot(name))
              .should()
              .onlyDependOnClassesThat(
                  resideInAnyPackage(visible).or(resideOutsideOfPackage(ROOT + "..")))
              .check(MAIN);
        });
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
            "cache",
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
        .resideOutsideOfPackages(ROOT, inRoot("ops"))
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
            inRoot("database"), inRoot("index"), inRoot("search"), inRoot("events"))
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
        .resideOutsideOfPackage(inRoot("json"))
        .should()
        .dependOnClassesThat(
            resideInAPackage("tools.jackson..").and(not(equivalentTo(JsonNode.class))))
        .check(MAIN);
    noClasses()
        .that()
        .resideOutsideOfPackages(
            inRoot("json"),
            inRoot("image"),
            inRoot("repository"),
            inRoot("auth"),
            inRoot("contents"),
            inRoot("manifest"),
            inRoot("bridge"),
            inRoot("archive"),
            inRoot("remote"),
            inRoot("transfer"),
            inRoot("mirror"),
            inRoot("events"),
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

  private static List<String> join(List<String> some, List<String> others) {
    return Stream.concat(some.stream(), others.stream()).toList();
  }

  private static String inRoot(String name) {
    return ROOT + "." + name;
  }
}
