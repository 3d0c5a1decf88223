package io.registry.storage.gcs;

import com.google.api.client.util.DateTime;
import com.google.api.services.storage.Storage;
import com.google.api.services.storage.model.Objects;
import com.google.api.services.storage.model.StorageObject;
import io.registry.storage.BlobEntry;
import io.registry.storage.BlobKey;
import java.io.IOException;
import java.time.Instant;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/** Lists the objects below a prefix, page by page; a page is requested when it is needed. */
final class Listing implements Iterator<Objects> {
  private static final String OBJECTS = "items(name,size,generation,updated)";
  private static final String FOLDERS = "prefixes";

  private final GcsClient client;
  private final GcsAttempts attempts;
  private final BlobKey key;
  private final String prefix;
  private String wanted = OBJECTS;
  private String token = "";
  private boolean ended;

  Listing(GcsClient client, GcsAttempts attempts, BlobKey key, String prefix) {
    this.client = client;
    this.attempts = attempts;
    this.key = key;
    this.prefix = prefix;
  }

  /** The objects directly below the prefix, with their names relative to it. */
  Stream<BlobEntry> entries() {
    // Consoles show folders by objects whose names end in a slash; these are not blobs.
    return pages()
        .flatMap(page -> orNone(page.getItems()))
        .map(this::entry)
        .filter(entry -> BlobKey.isComponent(entry.name()));
  }

  /** The folders directly below the prefix, with their names relative to it. */
  Stream<String> folders() {
    wanted = FOLDERS;
    return pages()
        .flatMap(page -> orNone(page.getPrefixes()))
        .map(folder -> folder.substring(prefix.length(), folder.length() - 1))
        .filter(BlobKey::isComponent);
  }

  private Stream<Objects> pages() {
    return StreamSupport.stream(
        Spliterators.spliteratorUnknownSize(this, Spliterator.NONNULL), false);
  }

  private static <T> Stream<T> orNone(@Nullable List<T> part) {
    return part == null ? Stream.empty() : part.stream();
  }

  private BlobEntry entry(StorageObject object) {
    DateTime updated = object.getUpdated();
    try {
      return new BlobEntry(
          object.getName().substring(prefix.length()),
          Download.info(object),
          updated == null ? Instant.EPOCH : Instant.ofEpochMilli(updated.getValue()));
    } catch (IOException e) {
      throw GcsFailures.of("list", key, e);
    }
  }

  @Override
  public boolean hasNext() {
    return !ended;
  }

  @Override
  public Objects next() {
    if (ended) {
      throw new NoSuchElementException();
    }
    try {
      Objects page = attempts.run(this::ask);
      token = page.getNextPageToken() == null ? "" : page.getNextPageToken();
      ended = token.isEmpty();
      return page;
    } catch (IOException e) {
      throw GcsFailures.of("list", key, e);
    }
  }

  private Objects ask() throws IOException {
    Storage.Objects.List list =
        client.list(prefix).setDelimiter("/").setFields(wanted + ",nextPageToken");
    if (!token.isEmpty()) {
      list.setPageToken(token);
    }
    return GcsClient.ask(list);
  }
}
