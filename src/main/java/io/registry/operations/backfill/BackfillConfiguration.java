package io.registry.operations.backfill;

import io.micrometer.core.instrument.MeterRegistry;
import io.registry.bridge.DerivedStore;
import io.registry.bridge.ImagePreparation;
import io.registry.content.files.ContentsProperties;
import io.registry.content.files.LayerScanner;
import io.registry.content.image.ImageReader;
import io.registry.content.repository.RepositoryInspection;
import io.registry.platform.json.JsonCodec;
import io.registry.storage.BlobStorage;
import java.time.Clock;
import java.util.Optional;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Prepares the store in the background of a server, where that is wanted. */
@Configuration(proxyBeanMethods = false)
@ConditionalOnBooleanProperty(prefix = "registry.v2", name = "enabled", matchIfMissing = true)
@ConditionalOnBooleanProperty(prefix = "registry.v2", name = "backfill")
class BackfillConfiguration {

  @Bean
  BackfillTask backfillTask(
      BlobStorage storage,
      @Qualifier("localImages") ImageReader images,
      DerivedStore derived,
      ContentsProperties contents,
      JsonCodec codec,
      MeterRegistry meters,
      Clock clock) {
    BackfillCounts counts = new BackfillCounts();
    BackfillMeters.register(meters, counts);
    CountedImages counted = new CountedImages(images, counts, Optional.empty());
    LayerScanner scanner =
        new LayerScanner(clock, contents.limits().withTime(BackfillCommand.NO_HURRY));
    // Everything in the one thread of the task.
    StoreBackfill backfill =
        new StoreBackfill(
            storage,
            new RepositoryInspection(storage, codec),
            counted,
            new ImagePreparation(counted, derived, scanner, codec, Runnable::run),
            counts,
            finding -> {});
    return new BackfillTask(backfill, counts, clock);
  }
}
