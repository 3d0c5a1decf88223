package io.registry.storage.local;

import io.registry.storage.BlobStorage;
import io.registry.storage.DirectoryStorages;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.springframework.stereotype.Component;

/** Opens directories, whichever store the profile chooses. */
@Component
final class LocalDirectories implements DirectoryStorages, AutoCloseable {
  private final List<LocalBlobStorage> opened = new CopyOnWriteArrayList<>();

  @Override
  public BlobStorage open(Path directory) {
    LocalBlobStorage storage = new LocalBlobStorage(directory);
    opened.add(storage);
    return storage;
  }

  @Override
  public void close() {
    opened.forEach(LocalBlobStorage::close);
  }
}
