package io.registry;

import io.micrometer.core.instrument.MeterRegistry;
import io.registry.platform.trace.Traces;
import io.registry.storage.BlobStorage;
import io.registry.storage.MeasuredStorage;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.core.Ordered;

/** Decorates the store of the configured driver with metrics. */
final class MeasuredStores implements BeanPostProcessor, Ordered {
  private final ObjectProvider<MeterRegistry> meters;
  private final ObjectProvider<Traces> traces;

  MeasuredStores(ObjectProvider<MeterRegistry> meters, ObjectProvider<Traces> traces) {
    this.meters = meters;
    this.traces = traces;
  }

  @Override
  public Object postProcessAfterInitialization(Object bean, String name) {
    return bean instanceof BlobStorage storage
        ? new MeasuredStorage(storage, meters.getObject(), traces.getIfAvailable(() -> Traces.NONE))
        : bean;
  }

  /**
   * Comes directly after the driver, so that what other decorators do is not measured as work of
   * the store.
   */
  @Override
  public int getOrder() {
    return HIGHEST_PRECEDENCE;
  }
}
