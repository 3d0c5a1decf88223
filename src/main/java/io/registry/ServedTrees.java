package io.registry;

import io.registry.content.distribution.ServedTree;
import io.registry.storage.BlobStorage;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.core.Ordered;

/**
 * Decorates the store of the configured driver with the tree of another registry, if it has one.
 */
final class ServedTrees implements BeanPostProcessor, Ordered {
  private final ObjectProvider<ServedTree> tree;

  ServedTrees(ObjectProvider<ServedTree> tree) {
    this.tree = tree;
  }

  @Override
  public Object postProcessAfterInitialization(Object bean, String name) {
    return bean instanceof BlobStorage storage ? tree.getObject().over(storage) : bean;
  }

  /** Comes after the metrics, so that each request for the tree is measured. */
  @Override
  public int getOrder() {
    return HIGHEST_PRECEDENCE + 1;
  }
}
