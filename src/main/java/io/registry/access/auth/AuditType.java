package io.registry.access.auth;

import java.util.Arrays;
import java.util.Locale;

/** The types of the audit's events. */
enum AuditType {
  SIGN_IN,
  TOKEN,
  ACCESS,
  PRIVILEGED,
  PASSWORD,
  ACCOUNT,
  IMAGE,
  ADMINISTRATION;

  String text() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  static boolean isOne(String text) {
    return Arrays.stream(values()).anyMatch(type -> type.text().equals(text));
  }
}
