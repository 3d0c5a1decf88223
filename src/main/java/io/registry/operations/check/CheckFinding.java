package io.registry.operations.check;

import io.registry.content.defect.Defect;
import io.registry.content.defect.DefectKind;
import io.registry.content.defect.Severity;

/**
 * A finding in the report.
 *
 * @param code the code of the kind of defect
 * @param severity its severity
 * @param key the key of the file or folder in the store
 * @param text a description for the operator
 * @param repair what was done to repair it; empty when nothing was
 */
record CheckFinding(String code, Severity severity, String key, String text, String repair) {

  static CheckFinding of(Defect defect, String repair) {
    DefectKind kind = defect.kind();
    return new CheckFinding(
        kind.code(), kind.severity(), defect.key().path(), defect.text(), repair);
  }

  /** Whether it makes the check fail: notes and repaired defects do not. */
  boolean isProblem() {
    return severity != Severity.NOTE && repair.isEmpty();
  }
}
