package io.registry.service;

import io.registry.bridge.DerivedStore;
import io.registry.content.image.ImageId;
import io.registry.content.image.ImageReader;
import io.registry.content.manifest.Manifest;
import io.registry.content.manifest.Origins;
import io.registry.platform.problem.Problem;
import io.registry.platform.problem.RegistryException;
import java.util.Optional;

/** Notes which V1 images were made of pushed manifests, before readers can see the images. */
final class OriginNotes {
  private final Origins origins;
  private final ImageReader images;
  private final DerivedStore derived;

  OriginNotes(Origins origins, ImageReader images, DerivedStore derived) {
    this.origins = origins;
    this.images = images;
    this.derived = derived;
  }

  // Only of a manifest whose layers are those of the image: V1 clients give the image other tags.
  // An image that came over V1 is served with the manifest that was made of it, except under the
  // tags that clients set over V2. Other processes must not go by what they know of it.
  void note(ImageId top, StoredManifest image) {
    Optional<Origins.Origin> known = origins.find(top);
    if (known.filter(Origins.Origin::isAnnounced).isPresent()) {
      return;
    }
    // A manifest of schema 1 contains V1 images, as if each had come over V1.
    boolean cameOverV1 =
        image.manifest().kind() == Manifest.Kind.SCHEMA_ONE
            || known.map(origin -> origin.manifest().isEmpty()).orElseGet(() -> isComplete(top));
    // An image that was removed may be one that other servers have served.
    boolean wasSeen = cameOverV1 || derived.hasRecord(top);
    origins.add(
        top,
        cameOverV1 ? Optional.empty() : Optional.of(image.descriptor()),
        wasSeen,
        derived::changeGeneration);
  }

  private boolean isComplete(ImageId image) {
    try {
      images.requireComplete(image);
      return true;
    } catch (RegistryException e) {
      if (e.problem() == Problem.UNAVAILABLE) {
        throw e;
      }
      return false;
    }
  }
}
