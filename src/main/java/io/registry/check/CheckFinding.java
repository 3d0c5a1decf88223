package io.registry.check;

import io.registry.defect.Defect;
import io.registry.defect.DefectKind;
import io.registry.defect.Severity;

/**
 * A line of the report.
 *
 * @param code of the kind of the defect
 * @param severity of the kind
 * @param key of the file or folder in the store
 * @param text what was found, for people
 * @param repair what was done about it; empty when nothing was
 */
record CheckFinding(String code, Severity severity, String key, String text, String repair) {

  static CheckFinding of(Defect defect, String repair) {
    DefectKind kind = defect.kind();
    return new CheckFinding(
        kind.code(), kind.severity(), defect.key().path(), defect.text(), repair);
  }

  /** Whether it makes the check fail: notes do not, and nothing does that was repaired. */
  boolean isProblem() {
    return severity != Severity.NOTE && repair.isEmpty();
  }
}
