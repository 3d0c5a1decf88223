package io.registry.image;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Which images are being pushed in this process, and by how many clients at once.
 *
 * <p>Nothing in the protocol ties the three requests of an upload together. Once one client has
 * finished an image, a second one that was let in before must be let through to its end, whereas a
 * lone client that repeats itself must be told that the image exists. So the accepted PUT json
 * requests are counted, and count only while it is certain that there is more than one client:
 * because two of their requests overlapped in time, or because they come from different pushers.
 */
final class OpenPushes {
  /** After that long without a request, the rest of a push is not expected any more. */
  private static final Duration FORGET_AFTER = Duration.ofHours(24);

  private static final int MAX_IMAGES = 100_000;
  private static final int MAX_CHECKSUMS = 1_000;

  private final AtomicLong revisions = new AtomicLong();
  private final Cache<ImageId, State> images =
      Caffeine.newBuilder().expireAfterAccess(FORGET_AFTER).maximumSize(MAX_IMAGES).build();

  /**
   * Announces a request that pushes a part of an image.
   *
   * @param id the image
   * @param pusher who sends it
   * @return to be closed at the end of the request
   */
  Request enter(ImageId id, Pusher pusher) {
    Request request = new Request(id, pusher.identity());
    change(
        id,
        state -> {
          state.active++;
          if (!state.shared) {
            state.pushers.add(pusher.identity());
            state.shared = state.active > 1 || state.pushers.size() > 1;
          }
        });
    return request;
  }

  // All access happens inside of the map's compute, one thread at a time for each image.
  private boolean ask(ImageId id, Predicate<State> question) {
    AtomicBoolean answer = new AtomicBoolean();
    images
        .asMap()
        .compute(
            id,
            (key, found) -> {
              State state = found == null ? new State(revisions.incrementAndGet()) : found;
              answer.set(question.test(state));
              return state.active <= 0 && state.begun <= 0 ? null : state;
            });
    return answer.get();
  }

  private void change(ImageId id, Consumer<State> change) {
    boolean unused =
        ask(
            id,
            state -> {
              change.accept(state);
              return true;
            });
  }

  /** A request under way. */
  final class Request implements AutoCloseable {
    private final ImageId id;
    private final String pusher;
    private boolean blocksPlace;

    private Request(ImageId id, String pusher) {
      this.id = id;
      this.pusher = pusher;
    }

    /**
     * Another upload of the image was accepted.
     *
     * @param layerThere whether it joins an upload of which a layer is there already
     */
    void begun(boolean layerThere) {
      change(
          id,
          state -> {
            state.begun++;
            state.layerThere |= layerThere;
          });
    }

    /** The files of the image were written anew, and all layers removed. */
    void restarted() {
      change(
          id,
          state -> {
            state.placed = null;
            state.layerThere = false;
          });
      changed();
    }

    /** One upload is through, or was found to be superfluous. */
    void finished() {
      change(
          id,
          state -> {
            if (state.shared) {
              state.begun--;
            } else {
              state.begun = 0;
            }
          });
    }

    /** Whether the image was begun here, is not finished here, and nobody else is at it. */
    boolean hasBegunAlone() {
      return ask(id, state -> state.begun > 0 && !state.shared);
    }

    /** Remembers that files of the image were changed. */
    void changed() {
      change(id, state -> state.revision = revisions.incrementAndGet());
    }

    /** A number that is another one when this process has changed files of the image meanwhile. */
    long revision() {
      AtomicLong revision = new AtomicLong();
      change(id, state -> revision.set(state.revision));
      return revision.get();
    }

    /** Whether more than one client is at it. */
    boolean isShared() {
      return ask(id, state -> state.shared);
    }

    /** Whether somebody who began before the image was finished may still finish it too. */
    boolean mayFinishToo() {
      return ask(id, state -> state.shared && state.begun > 0);
    }

    /**
     * Claims the place of the layer.
     *
     * @param occupied whether a layer was seen there
     * @return false when a layer is there that is not this client's, or on its way to it
     */
    boolean claimPlace(boolean occupied) {
      blocksPlace =
          ask(
              id,
              state -> {
                boolean foreign = (occupied || state.layerThere) && state.placed == null;
                boolean free =
                    !foreign && !(state.shared && (state.placeBlocked || state.placed != null));
                state.placeBlocked |= free;
                return free;
              });
      return blocksPlace;
    }

    /** Remembers the layer that was put in place, as the bytes went by. */
    void placed(Placed layer) {
      change(id, state -> state.placed = layer);
    }

    /** Whether this process has put a layer in place. */
    boolean hasPlacedAny() {
      return ask(id, state -> state.placed != null);
    }

    /** Whether the layer that was last put in place by this process is that one. */
    boolean hasPlaced(Placed layer) {
      return ask(id, state -> layer.equals(state.placed));
    }

    /** Remembers a layer that arrived whole, whether it is needed or not. */
    void received(Checksum checksum) {
      change(
          id,
          state -> {
            if (state.received.size() < MAX_CHECKSUMS) {
              state.received.add(new Receipt(pusher, checksum));
            }
          });
    }

    /** Whether such a layer arrived, whoever sent it. */
    boolean hasReceived(Checksum checksum) {
      return ask(
          id,
          state -> state.received.stream().anyMatch(layer -> layer.checksum().equals(checksum)));
    }

    /** Whether such a layer arrived from this very pusher. */
    boolean hasSent(Checksum checksum) {
      return ask(id, state -> state.received.contains(new Receipt(pusher, checksum)));
    }

    @Override
    public void close() {
      change(
          id,
          state -> {
            state.active--;
            if (blocksPlace) {
              state.placeBlocked = false;
            }
          });
    }
  }

  private static final class State {
    private final Set<String> pushers = new HashSet<>();
    private final Set<Receipt> received = new HashSet<>();
    private @Nullable Placed placed;
    private long revision;
    private int active;
    private int begun;
    private boolean shared;
    private boolean placeBlocked;
    private boolean layerThere;

    State(long revision) {
      this.revision = revision;
    }
  }

  /** A layer that arrived whole, and from whom. */
  private record Receipt(String pusher, Checksum checksum) {}

  /**
   * A layer that was put in place.
   *
   * @param checksum over the JSON and the layer
   * @param json digest of that JSON alone, which another process may have replaced since
   */
  record Placed(Checksum checksum, String json) {}
}
