package io.registry.content.image;

import io.registry.content.defect.Defect;
import java.util.List;
import java.util.Optional;

/**
 * The result of inspecting an image.
 *
 * @param state the state of the image
 * @param recent whether one of its files was written a short while ago
 * @param hasJson whether its JSON exists and describes it
 * @param hasLayer whether its layer exists
 * @param hasChecksum whether it has a checksum file
 * @param parent its parent, by its JSON; by its ancestry when there is no JSON
 * @param ancestry its ancestry file
 * @param layer the result of reading the layer
 * @param layerBytes how many bytes of the layer were read
 * @param defects the defects of its own files
 */
public record InspectedImage(
    State state,
    boolean recent,
    boolean hasJson,
    boolean hasLayer,
    boolean hasChecksum,
    Optional<ImageId> parent,
    StoredAncestry ancestry,
    LayerState layer,
    long layerBytes,
    List<Defect> defects) {
  /** The result for an image that changes all the time. */
  static final InspectedImage CHANGING =
      new InspectedImage(
          State.UNDER_WAY,
          true,
          false,
          false,
          false,
          Optional.empty(),
          StoredAncestry.NONE,
          LayerState.NOT_READ,
          0,
          List.of());

  /** The state of an image. */
  public enum State {
    /** No file of the image exists. */
    ABSENT,
    /** It is being uploaded. */
    UNDER_WAY,
    /** Its upload was begun, and has been inactive for long. */
    STUCK,
    /** It is complete. */
    FINISHED
  }

  /** The result of reading a layer. */
  public enum LayerState {
    /** It was not read. */
    NOT_READ,
    /** It matches the checksum of the push. */
    VERIFIED,
    /** It has no checksum, and shows no damage. */
    UNVERIFIABLE,
    /** It is damaged, as described by a defect. */
    DAMAGED
  }

  /**
   * An ancestry file.
   *
   * @param present whether it exists
   * @param version the version of the file; empty when it does not exist
   * @param ids its content, each image once; empty when it is damaged
   */
  public record StoredAncestry(boolean present, String version, Optional<List<ImageId>> ids) {
    static final StoredAncestry NONE = new StoredAncestry(false, "", Optional.empty());
  }
}
