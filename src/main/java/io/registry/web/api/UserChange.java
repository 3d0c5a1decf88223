package io.registry.web.api;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A partial update of a user; absent fields stay unchanged. */
record UserChange(@Nullable String email, @Nullable Boolean active, @Nullable Boolean admin) {

  /** The words for the change in the audit. */
  List<String> words() {
    List<String> words = new ArrayList<>();
    if (email != null) {
      words.add("email");
    }
    if (active != null) {
      words.add(active ? "enabled" : "disabled");
    }
    if (admin != null) {
      words.add(admin ? "admin" : "no-admin");
    }
    return words;
  }
}
