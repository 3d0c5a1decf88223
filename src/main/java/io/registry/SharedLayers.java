package io.registry;

import io.registry.content.image.LayerPointers;
import io.registry.storage.BlobStorage;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.core.Ordered;

/** Decorates the store of the configured driver with pointers to shared layers. */
final class SharedLayers implements BeanPostProcessor, Ordered {
  @Override
  public Object postProcessAfterInitialization(Object bean, String name) {
    return bean instanceof BlobStorage storage ? new LayerPointers(storage) : bean;
  }

  /** Comes after the metrics, so that each request to the store is measured. */
  @Override
  public int getOrder() {
    return LOWEST_PRECEDENCE;
  }
}
