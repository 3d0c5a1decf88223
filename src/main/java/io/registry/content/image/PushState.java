package io.registry.content.image;

import java.util.function.Supplier;

/**
 * The state on which the answer to a request of a push depends. The store is only read if the
 * answer depends on it.
 *
 * @param staged what the client has sent of the image
 * @param stored what the store has of the image
 * @param standing what the client may know of the image
 */
record PushState(Staged staged, Supplier<Stored> stored, Supplier<Standing> standing) {

  /** What a client has sent of an incomplete image. */
  enum Staged {
    NOTHING,
    DESCRIPTION,
    LAYER
  }

  /** What the store has of an image. */
  enum Stored {
    /** Nothing that readers see. */
    ABSENT,
    /** An incomplete image of the original, or of an earlier release. */
    UNFINISHED,
    /** A complete image whose layer is lost, or was never fetched by a mirror. */
    WITHOUT_LAYER,
    /** A complete image. */
    COMPLETE;

    static Stored of(ImageFiles files) {
      if (files.hasMark()) {
        return files.hasJson() ? UNFINISHED : ABSENT;
      }
      if (files.hasJson()) {
        return files.hasLayer() ? COMPLETE : WITHOUT_LAYER;
      }
      return ABSENT;
    }
  }

  /** What a client may know of an image. */
  enum Standing {
    /** The registry has no accounts. */
    OPEN,
    /** The client may read the image. */
    READER,
    /** The client has to prove that it has the image. */
    STRANGER
  }

  /** The three requests of a push. */
  enum Request {
    JSON,
    LAYER,
    CHECKSUM
  }

  /** How the registry handles the request. */
  enum Decision {
    /** Stores what the client sends. */
    STAGE,
    /**
     * Copies the JSON that the original has stored to the client's upload, then stores the layer.
     */
    STAGE_WITH_STORED_DESCRIPTION,
    /** Accepts exactly the layer that was lost. */
    RESTORE,
    /** Publishes what the client has sent, when the checksum matches a JSON and a layer. */
    COMPLETE,
    /** Answers whether the checksum is that of the image which is complete meanwhile. */
    CONFIRM,
    /** Finishes what the original has begun, when the checksum is that of what lies there. */
    FINISH_STORED,
    /** Refuses: the image exists. */
    REFUSE_EXISTING,
    /** Refuses: the checksum of an existing image cannot be set. */
    REFUSE_CHECKSUM,
    /** Refuses: there is no layer yet. */
    REFUSE_WITHOUT_LAYER,
    /** Refuses: there is no such image. */
    REFUSE_UNKNOWN
  }

  /** Decides how the registry handles a request. */
  Decision decide(Request request) {
    return switch (request) {
      case JSON -> isKnownComplete() ? Decision.REFUSE_EXISTING : Decision.STAGE;
      case LAYER -> staged == Staged.NOTHING ? layerWithoutDescription() : Decision.STAGE;
      case CHECKSUM ->
          switch (staged) {
            case LAYER -> Decision.COMPLETE;
            case DESCRIPTION ->
                isOpenAndComplete() ? Decision.CONFIRM : Decision.REFUSE_WITHOUT_LAYER;
            case NOTHING -> checksumWithoutDescription();
          };
    };
  }

  // A client that looks the same may have used up the layer that this one has sent.
  private boolean isOpenAndComplete() {
    return standing.get() == Standing.OPEN && stored.get() == Stored.COMPLETE;
  }

  private boolean isKnownComplete() {
    return stored.get() == Stored.COMPLETE && standing.get() != Standing.STRANGER;
  }

  private Decision layerWithoutDescription() {
    if (standing.get() == Standing.STRANGER) {
      return Decision.REFUSE_UNKNOWN;
    }
    return switch (stored.get()) {
      case COMPLETE -> Decision.REFUSE_EXISTING;
      case WITHOUT_LAYER -> Decision.RESTORE;
      case UNFINISHED ->
          standing.get() == Standing.OPEN
              ? Decision.STAGE_WITH_STORED_DESCRIPTION
              : Decision.REFUSE_UNKNOWN;
      case ABSENT -> Decision.REFUSE_UNKNOWN;
    };
  }

  private Decision checksumWithoutDescription() {
    if (standing.get() == Standing.STRANGER) {
      return Decision.REFUSE_UNKNOWN;
    }
    return switch (stored.get()) {
      case COMPLETE, WITHOUT_LAYER -> Decision.REFUSE_CHECKSUM;
      case UNFINISHED ->
          standing.get() == Standing.OPEN ? Decision.FINISH_STORED : Decision.REFUSE_UNKNOWN;
      case ABSENT -> Decision.REFUSE_UNKNOWN;
    };
  }
}
