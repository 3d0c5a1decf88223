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

/** The rooms and the doors between them, as docs/architecture.md draws them. */
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
          "problem");

  /** Rooms that are switched off each without the others, and cost nothing then. */
  private static final List<String> FEATURES = List.of("search", "contents", "mirror", "events");

  /** What each room may use. A room that is not listed may not exist. */
  private static final Map<String, List<String>> DOORS =
      Map.ofEntries(
          Map.entry("problem", List.of()),
          Map.entry("json", List.of()),
          Map.entry("trace", List.of()),
          Map.entry("client", List.of("trace")),
          Map.entry("storage", List.of("trace", "problem")),
          Map.entry("original", List.of("storage")),
          Map.entry("storage.local", List.of("storage")),
          Map.entry("storage.s3", List.of("storage", "trace")),
          Map.entry("storage.gcs", List.of("storage", "trace")),
          Map.entry("defect", List.of("storage")),
          Map.entry("image", List.of("defect", "storage", "json", "problem")),
          Map.entry("repository", List.of("defect", "image", "storage", "json", "problem")),
          Map.entry("walk", List.of("repository", "image", "storage")),
          Map.entry("check", List.of("walk", "defect", "repository", "image", "storage", "json")),
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
          Map.entry("auth", List.of("client", "repository", "image", "storage", "json", "problem")),
          Map.entry("bridge", List.of("image", "json", "problem")),
          Map.entry("database", List.of("problem")),
          Map.entry("contents", List.of("image", "storage", "json", "problem")),
          Map.entry(
              "cache",
              List.of("auth", "contents", "repository", "image", "storage", "json", "problem")),
          Map.entry("index", List.of("database", "auth", "repository", "image", "json", "problem")),
          Map.entry(
              "search",
              List.of("database", "auth", "repository", "image", "storage", "json", "problem")),
          Map.entry(
              "mirror",
              List.of(
                  "client",
                  "trace",
                  "cache",
                  "auth",
                  "repository",
                  "image",
                  "storage",
                  "json",
                  "problem")),
          Map.entry(
              "events", List.of("client", "database", "repository", "image", "json", "problem")),
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
          Map.entry("web.access", List.of("web", "auth", "problem")),
          Map.entry("web.v1", join(List.of("web.access", "web", "index"), BELOW_WEB)),
          Map.entry("web.api", join(List.of("web.access", "web", "index"), BELOW_WEB)));

  private static final JavaClasses MAIN =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages(ROOT);

  @Test
  void roomsAreFreeOfCycles() {
    slices().matching(ROOT + ".(**)").should().beFreeOfCycles().check(MAIN);
  }

  @Test
  void everyClassIsInARoomThatIsListed() {
    String[] rooms =
        Stream.concat(Stream.of(ROOT), DOORS.keySet().stream().map(ArchitectureTest::room))
            .toArray(String[]::new);
    classes().should().resideInAnyPackage(rooms).check(MAIN);
  }

  @Test
  void doorsOpenDownwardsOnly() {
    DOORS.forEach(
        (name, doors) -> {
          String[] visible =
              Stream.concat(Stream.of(name), doors.stream())
                  .map(ArchitectureTest::room)
                  .toArray(String[]::new);
          classes()
              .that()
              .resideInAPackage(room(name))
              .should()
              .onlyDependOnClassesThat(
                  resideInAnyPackage(visible).or(resideOutsideOfPackage(ROOT + "..")))
              .check(MAIN);
        });
  }

  @Test
  void nobodySeesTheEntrance() {
    noClasses()
        .that()
        .resideOutsideOfPackage(ROOT)
        .should()
        .dependOnClassesThat()
        .resideInAPackage(ROOT)
        .check(MAIN);
  }

  @Test
  void nobodySeesAStorageDriver() {
    noClasses()
        .that()
        .resideOutsideOfPackage(room("storage.*"))
        .should()
        .dependOnClassesThat()
        .resideInAPackage(room("storage.*") + "..")
        .check(MAIN);
  }

  @Test
  void theClientOfAStoreIsSeenByItsDriverOnly() {
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
                    .resideOutsideOfPackage(room(driver))
                    .should()
                    .dependOnClassesThat()
                    .resideInAPackage(client)
                    .check(MAIN));
  }

  @Test
  void theLibrariesOfTracesEndInOps() {
    noClasses()
        .that()
        .resideOutsideOfPackages(ROOT, room("ops"))
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("io.micrometer.tracing..", "io.opentelemetry..")
        .check(MAIN);
  }

  @Test
  void sqlIsWrittenInTheRoomsThatHaveTables() {
    noClasses()
        .that()
        .resideOutsideOfPackages(room("database"), room("index"), room("search"), room("events"))
        .should()
        .dependOnClassesThat()
        .resideInAPackage("org.springframework.jdbc..")
        .check(MAIN);
  }

  @Test
  void httpEndsInTheWebRooms() {
    noClasses()
        .that()
        .resideOutsideOfPackage(room("web") + "..")
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
  void jacksonStaysInTheJsonRoomExceptForParsedValues() {
    noClasses()
        .that()
        .resideOutsideOfPackage(room("json"))
        .should()
        .dependOnClassesThat(
            resideInAPackage("tools.jackson..").and(not(equivalentTo(JsonNode.class))))
        .check(MAIN);
    noClasses()
        .that()
        .resideOutsideOfPackages(
            room("json"),
            room("image"),
            room("repository"),
            room("auth"),
            room("contents"),
            room("mirror"),
            room("events"),
            room("web.v1"))
        .should()
        .dependOnClassesThat()
        .resideInAPackage("tools.jackson..")
        .check(MAIN);
  }

  @Test
  void everyPackageIsNullMarked() {
    assertThat(MAIN.stream().map(JavaClass::getPackage).distinct())
        .isNotEmpty()
        .allMatch(room -> room.isAnnotatedWith(NullMarked.class), "is @NullMarked")
        .extracting(JavaPackage::getName)
        .contains(ROOT, room("web.v1"));
  }

  private static List<String> join(List<String> some, List<String> others) {
    return Stream.concat(some.stream(), others.stream()).toList();
  }

  private static String room(String name) {
    return ROOT + "." + name;
  }
}
