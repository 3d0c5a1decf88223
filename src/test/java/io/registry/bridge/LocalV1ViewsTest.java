package io.registry.bridge;

import io.registry.storage.BlobStorage;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.ComponentScan;

/** In a directory. */
class LocalV1ViewsTest extends V1ViewsContract {
  LocalV1ViewsTest(@TempDir Path directory) {
    super(open(directory));
  }

  private static Opened open(Path directory) {
    ConfigurableApplicationContext context =
        new SpringApplicationBuilder(Store.class)
            .web(WebApplicationType.NONE)
            .run("--registry.storage.local.path=" + directory);
    return new Opened(context.getBean(BlobStorage.class), context);
  }

  @Override
  String shared() {
    return "layer";
  }

  @ComponentScan("io.registry.storage")
  static class Store {}
}
