package io.registry.image;

import io.registry.defect.Defect;
import java.util.List;
import java.util.Optional;

/**
 * What a look at an image has found.
 *
 * @param state how far it is
 * @param recent whether one of its files was written a short while ago
 * @param hasJson whether its JSON is there and describes it
 * @param hasLayer whether its layer is there
 * @param hasChecksum whether there is a checksum file
 * @param parent the image that it builds upon, by its JSON; by its ancestry when there is none
 * @param ancestry its ancestry file
 * @param layer what reading the layer has shown
 * @param layerBytes how many bytes of it were read
 * @param defects what is wrong with its files by themselves
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
  /** An image that is changed all the time. */
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

  /** How far an image is. */
  public enum State {
    /** No file of an image is there. */
    ABSENT,
    /** It is being uploaded. */
    UNDER_WAY,
    /** Its upload was begun, and nothing has happened for long. */
    STUCK,
    /** It was finished. */
    FINISHED
  }

  /** What is known of the bytes of a layer. */
  public enum LayerState {
    /** It was not read. */
    NOT_READ,
    /** It is what was pushed. */
    VERIFIED,
    /** It has no checksum, and nothing that shows damage. */
    UNVERIFIABLE,
    /** It is damaged, as a defect tells. */
    DAMAGED
  }

  /**
   * An ancestry file.
   *
   * @param present whether it is there
   * @param version of the file; empty when it is not there
   * @param ids what it says, each image once; nothing when it is damaged
   */
  public record StoredAncestry(boolean present, String version, Optional<List<ImageId>> ids) {
    static final StoredAncestry NONE = new StoredAncestry(false, "", Optional.empty());
  }
}
