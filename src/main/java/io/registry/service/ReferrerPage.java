package io.registry.service;

import io.registry.content.manifest.Referrer;
import java.util.List;
import java.util.Optional;

/**
 * A part of the referrers of a manifest.
 *
 * @param referrers the referrers
 * @param next where the next part begins; empty when this is the last one
 */
public record ReferrerPage(List<Referrer> referrers, Optional<String> next) {
  /** Keeps a copy. */
  public ReferrerPage {
    referrers = List.copyOf(referrers);
  }
}
