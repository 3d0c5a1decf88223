package io.registry.content.files;

import io.registry.content.image.ImageId;
import io.registry.content.image.ImageReader;
import io.registry.platform.json.JsonCodec;
import io.registry.storage.Blob;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * Computes what a layer deletes, changes and creates, by comparing its listing with those of its
 * ancestors, the nearest first (protocol 2.2). A file with a whiteout in the layer is deleted; a
 * file that exists in the nearest ancestor that mentions it is changed; all others are created.
 * Each listing is read from the store, the image's own several times, so that only a table of
 * hashes is in memory.
 */
final class LayerDiffs {
  private static final int BUFFER = 64 * 1024;

  private static final byte DELETED = 0;
  private static final byte CHANGED = 1;
  private static final byte CREATED = 2;

  /** Not decided yet: none of the ancestors read so far mentions the file. */
  private static final byte UNKNOWN = 3;

  /** Added to a result that the ancestor being read has set and may still change. */
  private static final byte OPEN = 8;

  private final ImageReader images;
  private final Listings listings;
  private final StoredDocuments documents;
  private final JsonCodec codec;

  /**
   * Creates the comparison.
   *
   * @param images reads the images
   * @param listings the listings of the layers
   * @param documents reads the listings
   * @param codec writes the comparisons
   */
  LayerDiffs(ImageReader images, Listings listings, StoredDocuments documents, JsonCodec codec) {
    this.images = images;
    this.listings = listings;
    this.documents = documents;
    this.codec = codec;
  }

  /**
   * Compares an image with its ancestors.
   *
   * @param id the image
   * @param wanted whether to go on
   * @param out receives the comparison as JSON; not closed
   * @throws io.registry.platform.problem.RegistryException when a layer cannot be listed
   * @throws AbandonedException when the work is cancelled
   */
  void compare(ImageId id, BooleanSupplier wanted, OutputStream out) {
    List<ImageId> ancestry = images.ancestry(id);
    // All listings are made first, so that the table is in memory for as short as possible.
    ancestry.forEach(image -> listings.open(image, wanted).close());
    HashedNames table = new HashedNames();
    read(
        id,
        wanted,
        (number, file) -> table.put(file.path(), number, file.deleted() ? DELETED : UNKNOWN));
    for (ImageId ancestor : ancestry.subList(1, ancestry.size())) {
      read(ancestor, wanted, (number, file) -> meet(table, file));
      table.replaceMarks(mark -> mark >= OPEN ? (byte) (mark - OPEN) : mark);
    }
    table.replaceMarks(mark -> mark == UNKNOWN ? CREATED : mark);
    write(id, table, wanted, out);
  }

  // Of two entries with the same name the later one counts, like in the original.
  private static void meet(HashedNames table, ListedFile file) {
    int place = table.find(file.path());
    if (place >= 0 && table.mark(place) >= UNKNOWN) {
      table.mark(place, (byte) ((file.deleted() ? CREATED : CHANGED) + OPEN));
    }
  }

  private void read(ImageId id, BooleanSupplier wanted, StoredDocuments.Reader reader) {
    try (Blob list = listings.open(id, wanted)) {
      documents.read(
          list,
          (number, file) -> {
            if (!wanted.getAsBoolean()) {
              throw new AbandonedException();
            }
            reader.read(number, file);
          });
    }
  }

  private void write(ImageId id, HashedNames table, BooleanSupplier wanted, OutputStream target) {
    OutputStream out = new BufferedOutputStream(target, BUFFER);
    try {
      text(out, "{\"deleted\": {");
      write(id, table, DELETED, wanted, out);
      text(out, "}, \"changed\": {");
      write(id, table, CHANGED, wanted, out);
      text(out, "}, \"created\": {");
      write(id, table, CREATED, wanted, out);
      text(out, "}}");
      out.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void write(
      ImageId id, HashedNames table, byte fate, BooleanSupplier wanted, OutputStream out) {
    if (!table.hasMark(fate)) {
      return;
    }
    FieldWriter fields = new FieldWriter(out);
    read(
        id,
        wanted,
        (number, file) -> {
          int place = table.find(file.path());
          if (place >= 0 && table.number(place) == number && table.mark(place) == fate) {
            fields.write(file);
          }
        });
  }

  /** Writes the fields of a JSON object. */
  private final class FieldWriter {
    private final OutputStream out;
    private boolean begun;

    FieldWriter(OutputStream out) {
      this.out = out;
    }

    void write(ListedFile file) {
      try {
        if (begun) {
          text(out, ", ");
        }
        begun = true;
        out.write(codec.render(file.name()));
        text(out, ": ");
        out.write(codec.render(file.details()));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private static void text(OutputStream out, String text) throws IOException {
    out.write(text.getBytes(StandardCharsets.US_ASCII));
  }
}
