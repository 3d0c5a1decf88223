package io.registry;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Tests that start a program, be it the registry itself in another process, have the tag
 * "external". They run with {@code verify}; all others run with {@code test}, on any machine.
 */
class ExternalProgramsTest {
  private static final JavaClasses TESTS =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.ONLY_INCLUDE_TESTS)
          .importPackages("io.registry");

  @Test
  void testsThatStartProgramsAreTagged() {
    assertThat(
            TESTS.stream()
                .filter(ExternalProgramsTest::isTestClass)
                .filter(type -> !isTagged(type))
                .filter(ExternalProgramsTest::startsProgram)
                .map(JavaClass::getSimpleName))
        .isEmpty();
  }

  @Test
  void taggedTestsStartPrograms() {
    assertThat(
            TESTS.stream()
                .filter(ExternalProgramsTest::isTestClass)
                .filter(ExternalProgramsTest::isTagged)
                .filter(type -> !startsProgram(type))
                .map(JavaClass::getSimpleName))
        .isEmpty();
  }

  // Integration tests run with verify anyway.
  private static boolean isTestClass(JavaClass type) {
    return type.isTopLevelClass()
        && type.getSimpleName().endsWith("Test")
        && !type.getModifiers().contains(JavaModifier.ABSTRACT);
  }

  private static boolean isTagged(JavaClass type) {
    return Stream.of(type.reflect().getAnnotationsByType(Tag.class))
        .anyMatch(tag -> tag.value().equals("external"));
  }

  /** Whether code that the tests of the class may reach makes a {@link ProcessBuilder}. */
  private static boolean startsProgram(JavaClass test) {
    Set<JavaCodeUnit> seen = new HashSet<>();
    Deque<JavaCodeUnit> left = new ArrayDeque<>();
    Stream.concat(Stream.of(test), test.getAllRawSuperclasses().stream())
        .flatMap(ExternalProgramsTest::withNested)
        .forEach(type -> left.addAll(type.getCodeUnits()));
    while (!left.isEmpty()) {
      JavaCodeUnit unit = left.remove();
      if (!seen.add(unit)) {
        continue;
      }
      for (JavaAccess<?> access : unit.getAccessesFromSelf()) {
        JavaClass owner = access.getTargetOwner();
        if (owner.isEquivalentTo(ProcessBuilder.class)) {
          return true;
        }
        if (TESTS.contain(owner.getName())) {
          owner.getStaticInitializer().ifPresent(left::add);
          left.addAll(implementations(test, owner, access.getTarget().getName()));
        }
      }
    }
    return false;
  }

  private static Stream<JavaClass> withNested(JavaClass type) {
    return TESTS.stream()
        .filter(each -> each.equals(type) || each.getName().startsWith(type.getName() + "$"));
  }

  // Which method of that name it is depends on the object. A contract calls its own test's.
  private static Set<JavaCodeUnit> implementations(JavaClass test, JavaClass owner, String name) {
    Stream<JavaClass> below =
        test.isAssignableTo(owner.getName()) ? Stream.empty() : owner.getAllSubclasses().stream();
    return Stream.concat(
            Stream.of(owner), Stream.concat(owner.getAllRawSuperclasses().stream(), below))
        .flatMap(type -> type.getCodeUnits().stream())
        .filter(unit -> unit.getName().equals(name))
        .collect(Collectors.toSet());
  }
}
