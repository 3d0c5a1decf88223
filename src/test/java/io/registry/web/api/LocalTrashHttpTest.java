package io.registry.web.api;

import java.nio.file.Path;
import java.util.List;

class LocalTrashHttpTest extends TrashHttpContract {
  @Override
  List<String> store(Path directory) {
    return List.of("--registry.storage.local.path=" + directory);
  }
}
