package io.registry.operations.command;

import org.springframework.context.LifecycleProcessor;

/** Starts nothing when a registry is opened: no connector, and no worker. */
public class IdleLifecycle implements LifecycleProcessor {
  @Override
  public void onRefresh() {}

  @Override
  public void onClose() {}

  @Override
  public void start() {}

  @Override
  public void stop() {}

  @Override
  public boolean isRunning() {
    return false;
  }
}
