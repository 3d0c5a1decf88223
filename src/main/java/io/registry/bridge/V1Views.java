package io.registry.bridge;

import io.registry.content.files.AbandonedException;
import io.registry.content.files.Compression;
import io.registry.content.files.LayerScanner;
import io.registry.content.files.ScannedLayer;
import io.registry.content.files.UnreadableLayerException;
import io.registry.content.image.Checksum;
import io.registry.content.image.ImageId;
import io.registry.content.image.LayerDigest;
import io.registry.content.image.OtherImageException;
import io.registry.content.image.Pusher;
import io.registry.content.image.VerifiedImages;
import io.registry.content.manifest.Descriptor;
import io.registry.content.manifest.Digest;
import io.registry.platform.concurrent.SharedWork;
import io.registry.platform.json.JsonCodec;
import io.registry.platform.problem.Problem;
import io.registry.platform.problem.RegistryException;
import io.registry.storage.Blob;
import io.registry.storage.BlobKey;
import io.registry.storage.BlobStorage;
import io.registry.storage.ByteRange;
import io.registry.storage.StorageException;
import io.registry.storage.StorageException.Reason;
import java.io.ByteArrayInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.function.Function;

/**
 * Makes the V1 images of images that clients push over V2, so that V1 clients can pull them. The
 * layers share the bytes of the pushed blobs, except those whose compression no V1 client knows:
 * they are unpacked.
 *
 * <p>The ids follow from the configuration alone, which claims what the layers contain. So each
 * layer is unpacked and compared with the claim before an image gets its id: otherwise a client
 * could give the id of an image that others use to other content, or read an image that it never
 * had. An image of schema 1 claims nothing: the client chooses its ids, as over V1.
 */
public final class V1Views {
  private final BlobStorage storage;
  private final VerifiedImages images;
  private final LayerDigests layers;
  private final DerivedStore derived;
  private final LayerScanner scanner;
  private final JsonCodec codec;
  private final Executor scans;
  private final Executor reads;
  private final SharedWork<Pass, Content> passes = new SharedWork<>();

  V1Views(
      BlobStorage storage,
      VerifiedImages images,
      LayerDigests layers,
      DerivedStore derived,
      LayerScanner scanner,
      JsonCodec codec,
      Executor scans,
      Executor reads) {
    this.storage = storage;
    this.images = images;
    this.layers = layers;
    this.derived = derived;
    this.scanner = scanner;
    this.codec = codec;
    this.scans = scans;
    this.reads = reads;
  }

  /** A pass over a blob for an image. */
  private record Pass(ImageId image, Optional<Digest> blob) {}

  /**
   * What a pass over a layer has found.
   *
   * @param checksum of the image with the layer as it was pushed
   */
  private record Content(ScannedLayer scan, Checksum checksum) {}

  /** A verified image of a chain; without content when it is complete already. */
  private record Verified(V1Chain.Link link, Optional<Content> content) {}

  /**
   * The V1 images that a pushed image would have, if its layers are what its configuration says.
   * Reads and writes nothing.
   *
   * @param image the pushed image
   * @return their ids, or why V1 cannot express the image
   */
  public V1View plan(V1Chain image) {
    try {
      return view(links(image));
    } catch (NoViewException e) {
      return V1View.refused(String.valueOf(e.getMessage()));
    }
  }

  /**
   * Verifies the layers of a pushed image, which can take minutes, and publishes its V1 images from
   * the base upwards. What is there already is not published again. When this returns a view, all
   * its images are complete, and survive a crash.
   *
   * @param image the pushed image
   * @param blobs where the layers are stored
   * @param pusher the client
   * @param verified is run when all layers are what the configuration says, before the first image
   *     becomes visible
   * @return the ids; or why V1 cannot express the image: then no image is published above a layer
   *     that is not what the configuration says
   * @throws RegistryException {@code UNAVAILABLE} when that cannot be found out now; of any kind
   *     when a rule refuses an image
   * @throws StorageException when the store fails
   */
  public V1View publish(
      V1Chain image, Function<Digest, BlobKey> blobs, Pusher pusher, Runnable verified) {
    try {
      List<V1Chain.Link> chain = links(image);
      List<CompletableFuture<Verified>> verifications =
          chain.stream().map(link -> verify(link, blobs)).toList();
      List<Verified> links = new ArrayList<>();
      for (CompletableFuture<Verified> each : verifications) {
        links.add(await(each));
      }
      verified.run();
      for (Verified each : links) {
        complete(each, blobs, pusher);
      }
      return view(chain);
    } catch (NoViewException | OtherImageException e) {
      return V1View.refused(String.valueOf(e.getMessage()));
    }
  }

  private List<V1Chain.Link> links(V1Chain image) {
    List<V1Chain.Link> chain = image.links();
    for (V1Chain.Link link : chain) {
      try {
        images.requireValid(link.id(), link.json());
      } catch (RegistryException e) {
        throw new NoViewException("V1 cannot express the configuration: " + e.getMessage());
      }
    }
    return chain;
  }

  private static V1View view(List<V1Chain.Link> chain) {
    return new V1View(chain.stream().map(V1Chain.Link::id).toList(), "");
  }

  private CompletableFuture<Verified> verify(V1Chain.Link link, Function<Digest, BlobKey> blobs) {
    return CompletableFuture.supplyAsync(() -> images.isComplete(link.id()), reads)
        .thenCompose(
            complete ->
                complete
                    ? verifyExisting(link, blobs)
                    : scan(link, blobs).thenApply(found -> new Verified(link, Optional.of(found))));
  }

  // That the image exists does not prove that the client has its content.
  private CompletableFuture<Verified> verifyExisting(
      V1Chain.Link link, Function<Digest, BlobKey> blobs) {
    Verified existing = new Verified(link, Optional.empty());
    return layers
        .of(link.id())
        .thenCompose(
            facts -> {
              link.diffId().ifPresent(diffId -> requireSameLayer(link, diffId, facts));
              return isProven(link, facts)
                  ? CompletableFuture.completedFuture(existing)
                  : scan(link, blobs)
                      .thenApply(
                          found -> {
                            requireSameLayer(link, found.scan().diffId(), facts);
                            return existing;
                          });
            });
  }

  private static void requireSameLayer(V1Chain.Link link, Digest diffId, LayerFacts facts) {
    if (!facts.scan().map(ScannedLayer::diffId).equals(Optional.of(diffId))) {
      throw new NoViewException(
          "Another image has the id "
              + link.id()
              + ": when the id is free, push the manifest again");
    }
  }

  private boolean isProven(V1Chain.Link link, LayerFacts facts) {
    if (link.layer().isEmpty()) {
      return true;
    }
    Digest pushed = link.layer().get().digest();
    return facts
        .scan()
        .filter(scan -> scan.digest().equals(pushed) || isKnown(pushed, scan.diffId()))
        .isPresent();
  }

  private boolean isKnown(Digest blob, Digest diffId) {
    return derived
        .readBlob(blob)
        .flatMap(bytes -> LayerFacts.parse(codec, bytes))
        .flatMap(LayerFacts::scan)
        .filter(scan -> scan.diffId().equals(diffId))
        .isPresent();
  }

  // Clients that push the same image at the same time share the work.
  private CompletableFuture<Content> scan(V1Chain.Link link, Function<Digest, BlobKey> blobs) {
    Pass pass = new Pass(link.id(), link.layer().map(Descriptor::digest));
    return passes.of(pass, () -> CompletableFuture.supplyAsync(() -> read(link, blobs), scans));
  }

  private Content read(V1Chain.Link link, Function<Digest, BlobKey> blobs) {
    LayerDigest checksum = new LayerDigest(link.json());
    ScannedLayer scan;
    try (InputStream stored = open(link, blobs)) {
      scan =
          scanner.scan(new Summed(stored, checksum), () -> !Thread.currentThread().isInterrupted());
    } catch (UnreadableLayerException e) {
      throw new NoViewException("%s cannot be unpacked: %s".formatted(name(link), e.reason()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    link.layer().ifPresent(layer -> keep(layer.digest(), blobs, scan));
    if (link.diffId().filter(told -> !told.equals(scan.diffId())).isPresent()) {
      throw new NoViewException(
          "%s has the diff_id %s, not %s as the configuration says"
              .formatted(name(link), scan.diffId(), link.diffId().get()));
    }
    return new Content(scan, checksum.sum());
  }

  private void keep(Digest blob, Function<Digest, BlobKey> blobs, ScannedLayer scan) {
    if (blob.algorithm().equals(scan.digest().algorithm()) && !blob.equals(scan.digest())) {
      throw new StorageException(
          Reason.BROKEN,
          storage.describe(),
          "read",
          blobs.apply(blob),
          new IOException("the bytes have the digest " + scan.digest()));
    }
    derived.writeBlob(blob, LayerFacts.readable(blob.toString(), scan).render(codec));
  }

  private static String name(V1Chain.Link link) {
    return "Layer "
        + link.ancestry().size()
        + link.layer().map(layer -> " (" + layer.digest() + ")").orElse("");
  }

  // The layer as it was pushed. An image without layers gets Docker's empty one.
  private InputStream open(V1Chain.Link link, Function<Digest, BlobKey> blobs) {
    if (link.layer().isEmpty()) {
      return new ByteArrayInputStream(LayerFacts.emptyLayer());
    }
    return storage
        .open(blobs.apply(link.layer().get().digest()), ByteRange.ALL)
        .map(BlobStream::new)
        .orElseThrow(
            () ->
                new RegistryException(
                    Problem.UNAVAILABLE, "A layer was removed meanwhile: push again"));
  }

  private void complete(Verified verified, Function<Digest, BlobKey> blobs, Pusher pusher) {
    V1Chain.Link link = verified.link();
    if (verified.content().isPresent() && publish(link, verified.content().get(), blobs, pusher)) {
      layers.keep(link.id());
      return;
    }
    if (verified.content().isPresent()) {
      // Another client was faster.
      requireSameLayer(link, verified.content().get().scan().diffId(), await(layers.of(link.id())));
    }
    images.confirm(link.id(), link.json(), pusher);
  }

  private boolean publish(
      V1Chain.Link link, Content content, Function<Digest, BlobKey> blobs, Pusher pusher) {
    VerifiedImages.Description image =
        new VerifiedImages.Description(link.id(), link.json(), link.ancestry());
    ScannedLayer scan = content.scan();
    boolean isUnpacked = scan.compression() == Compression.ZSTD;
    if (isUnpacked || link.layer().isEmpty()) {
      return images.publish(
          image, new Written(link, isUnpacked ? plain(scan) : scan, blobs), pusher);
    }
    layers.announce(link.id(), content.checksum(), scan);
    BlobKey blob = blobs.apply(link.layer().get().digest());
    return images.publish(image, blob, content.checksum(), pusher);
  }

  private static ScannedLayer plain(ScannedLayer scan) {
    return new ScannedLayer(
        scan.plainSize(),
        scan.diffId(),
        Compression.NONE,
        false,
        scan.plainSize(),
        scan.diffId(),
        scan.isZero());
  }

  private static <T> T await(CompletableFuture<T> result) {
    try {
      return result.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RegistryException(Problem.UNAVAILABLE, "The server stops", e);
    } catch (ExecutionException e) {
      Throwable cause = e.getCause();
      while (cause instanceof CompletionException && cause.getCause() != null) {
        cause = cause.getCause();
      }
      if (cause instanceof AbandonedException) {
        throw new RegistryException(Problem.UNAVAILABLE, "The server stops", e);
      }
      if (cause instanceof RegistryException refusal && isOfImage(refusal)) {
        throw new RegistryException(
            Problem.UNAVAILABLE, "An image of the chain was changed meanwhile: push again", e);
      }
      if (cause instanceof RuntimeException failure) {
        throw failure;
      }
      throw new IllegalStateException("The layers could not be verified", e);
    }
  }

  private static boolean isOfImage(RegistryException refusal) {
    return refusal.problem() == Problem.NOT_FOUND || refusal.problem() == Problem.IN_PROGRESS;
  }

  /** A layer that V1 clients get in another form than it was pushed in, or that was not pushed. */
  private final class Written implements VerifiedImages.LayerContent {
    private final V1Chain.Link link;
    private final ScannedLayer expected;
    private final Function<Digest, BlobKey> blobs;
    private final MessageDigest digest = Digest.sha256();

    Written(V1Chain.Link link, ScannedLayer expected, Function<Digest, BlobKey> blobs) {
      this.link = link;
      this.expected = expected;
      this.blobs = blobs;
    }

    @Override
    public InputStream open() throws IOException {
      InputStream pushed = V1Views.this.open(link, blobs);
      boolean opened = false;
      try {
        InputStream layer = link.layer().isEmpty() ? pushed : scanner.unpack(pushed);
        opened = true;
        return new DigestInputStream(layer, digest);
      } finally {
        if (!opened) {
          pushed.close();
        }
      }
    }

    @Override
    public void read(Checksum checksum) {
      if (!Digest.ofHash(digest.digest()).equals(expected.digest())) {
        throw new IllegalStateException("The layer of " + link.id() + " was read differently");
      }
      layers.announce(link.id(), checksum, expected);
    }
  }

  /** The bytes of a blob, which is closed with them. */
  private static final class BlobStream extends FilterInputStream {
    private final Blob blob;

    BlobStream(Blob blob) {
      super(blob.body());
      this.blob = blob;
    }

    @Override
    public void close() {
      blob.close();
    }
  }

  /** Adds what is read to a checksum. */
  private static final class Summed extends FilterInputStream {
    private final LayerDigest checksum;

    Summed(InputStream in, LayerDigest checksum) {
      super(in);
      this.checksum = checksum;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      int read = super.read(bytes, offset, length);
      checksum.update(bytes, offset, Math.max(read, 0));
      return read;
    }
  }
}
