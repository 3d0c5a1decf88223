package io.registry.service;

import io.registry.content.liveness.LiveContent;
import io.registry.content.liveness.LivenessRoot;
import io.registry.content.manifest.Digest;
import io.registry.content.repository.Pins;
import java.util.stream.Stream;
import org.springframework.stereotype.Component;

/** Keeps alive what admins have pinned. */
@Component
final class PinRoot implements LivenessRoot {
  private final Pins pins;

  PinRoot(Pins pins) {
    this.pins = pins;
  }

  @Override
  public void contribute(LiveContent live) {
    try (Stream<Pins.Pin> all = pins.all()) {
      all.forEach(
          pin -> {
            pin.image().ifPresent(live::image);
            pin.digest().ifPresent(digest -> keep(live, pin, digest));
          });
    }
  }

  // A collection must not go on without a pin that it does not understand.
  private static void keep(LiveContent live, Pins.Pin pin, String digest) {
    live.manifest(
        pin.repository().orElseThrow(() -> unknown(digest)),
        Digest.find(digest).orElseThrow(() -> unknown(digest)));
  }

  private static IllegalStateException unknown(String digest) {
    return new IllegalStateException("The pin of " + digest + " is of no repository");
  }
}
