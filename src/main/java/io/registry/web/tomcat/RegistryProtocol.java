package io.registry.web.tomcat;

import io.registry.web.CurrentLimits;
import io.registry.web.LimitProperties;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.apache.coyote.Processor;
import org.apache.coyote.http11.Http11NioProtocol;
import org.apache.tomcat.util.net.NioEndpoint.NioSocketWrapper;
import org.apache.tomcat.util.net.SocketWrapperBase;
import org.jspecify.annotations.Nullable;

/**
 * Tomcat's HTTP/1.1, which also bounds how long a whole head may take, gives up bodies and
 * downloads that do not get on, holds little for downloads, and knows what is under way.
 */
public final class RegistryProtocol extends Http11NioProtocol {
  private static final long LOOK_EVERY_MILLIS = 1_000;

  private final Set<RegistryProcessor> processing = ConcurrentHashMap.newKeySet();
  private final SlowDownloads slowDownloads = new SlowDownloads();
  private final SlowHandshakes slowHandshakes = new SlowHandshakes();
  private @Nullable CurrentLimits limits;
  private @Nullable ScheduledFuture<?> looks;

  /** Called by Tomcat, which wants it public and without arguments. */
  public RegistryProtocol() {
    getEndpoint().setHandler(new SendfileHandler(getEndpoint().getHandler()));
  }

  /** Sets what bounds clients; before the start. */
  void setLimits(CurrentLimits limits) {
    this.limits = limits;
  }

  /** What bounds clients; nothing when nobody has said. */
  Optional<LimitProperties> limits() {
    return Optional.ofNullable(limits).map(CurrentLimits::get);
  }

  /**
   * How many requests are not answered to their last byte. What is counted is more than Tomcat's
   * own servlets, which have returned long before a file is sent.
   */
  int underWay() {
    return processing.size() + (int) connections().stream().filter(this::isSending).count();
  }

  /** Whether it has still to be waited for, before it may be stopped. */
  boolean isBusy() {
    return getEndpoint().isRunning() && (!isPaused() || underWay() > 0);
  }

  /** Tells that a connection is looked after. */
  void begin(RegistryProcessor processor) {
    processing.add(processor);
  }

  /** Tells that it waits for the client again. */
  void end(RegistryProcessor processor) {
    processing.remove(processor);
  }

  /** Whether a file is being sent without any thread. */
  boolean isSending(SocketWrapperBase<?> connection) {
    return connection instanceof NioSocketWrapper socket && socket.getSendfileData() != null;
  }

  /** Asked at the end of each head, so that it may change. */
  @Override
  public int getConnectionUploadTimeout() {
    return limits()
        .map(found -> (int) found.uploadIdle().toMillis())
        .orElseGet(super::getConnectionUploadTimeout);
  }

  @Override
  protected Processor createProcessor() {
    return new RegistryProcessor(this, getAdapter());
  }

  @Override
  public void start() throws Exception {
    super.start();
    looks =
        getUtilityExecutor()
            .scheduleWithFixedDelay(
                this::look, LOOK_EVERY_MILLIS, LOOK_EVERY_MILLIS, TimeUnit.MILLISECONDS);
  }

  @Override
  public void stop() throws Exception {
    if (looks != null) {
      looks.cancel(false);
    }
    super.stop();
  }

  private void look() {
    processing.forEach(RegistryProcessor::giveUpSlowRead);
    limits()
        .ifPresent(
            found -> {
              Collection<? extends SocketWrapperBase<?>> all = connections();
              slowDownloads.giveUp(all, found);
              slowHandshakes.giveUp(all, found);
            });
  }

  /** The connections that there are. */
  Collection<? extends SocketWrapperBase<?>> connections() {
    return List.copyOf(getEndpoint().getConnections());
  }
}
