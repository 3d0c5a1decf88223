package io.registry.web.tomcat;

import io.registry.web.http.CurrentLimits;
import io.registry.web.http.LimitProperties;
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
import org.apache.tomcat.util.net.SSLHostConfig;
import org.apache.tomcat.util.net.SocketWrapperBase;
import org.jspecify.annotations.Nullable;

/**
 * Tomcat's HTTP/1.1 protocol with the deadlines and limits of the registry: it bounds how long a
 * whole request head may take, aborts stalled bodies and downloads, frees request buffers while a
 * file is sent, and counts requests in progress.
 */
public final class RegistryProtocol extends Http11NioProtocol {
  private static final long LOOK_EVERY_MILLIS = 1_000;

  /** In the notation of OpenSSL: an ephemeral key, and a cipher that authenticates. */
  private static final String CIPHERS =
      "ECDHE+AESGCM:ECDHE+CHACHA20:DHE+AESGCM:DHE+CHACHA20:!aNULL";

  private final Set<RegistryProcessor> processing = ConcurrentHashMap.newKeySet();
  private final SlowDownloads slowDownloads = new SlowDownloads();
  private final SlowHandshakes slowHandshakes = new SlowHandshakes();
  private @Nullable CurrentLimits limits;
  private @Nullable ScheduledFuture<?> looks;

  /** For Tomcat, which requires a public constructor without arguments. */
  public RegistryProtocol() {
    getEndpoint().setHandler(new SendfileHandler(getEndpoint().getHandler()));
  }

  /**
   * Leaves out the cipher suites of TLS 1.2 that encrypt in CBC mode, which attacks with
   * manipulated blocks were about, unless the operator has chosen suites. Also called with renewed
   * certificates.
   */
  @Override
  public void addSslHostConfig(SSLHostConfig host, boolean replace) {
    if (host.getCiphers().equals(SSLHostConfig.DEFAULT_TLS_CIPHERS_12)) {
      host.setCiphers(CIPHERS);
    }
    super.addSslHostConfig(host, replace);
  }

  /** Sets the limits; call before the start. */
  void setLimits(CurrentLimits limits) {
    this.limits = limits;
  }

  /** The limits; empty when none are set. */
  Optional<LimitProperties> limits() {
    return Optional.ofNullable(limits).map(CurrentLimits::get);
  }

  /**
   * The number of requests whose answer is not completely sent. Tomcat counts servlets only, which
   * return long before a file is sent.
   */
  int underWay() {
    return processing.size() + (int) connections().stream().filter(this::isSending).count();
  }

  /** Whether a stop has to wait for requests in progress. */
  boolean isBusy() {
    return getEndpoint().isRunning() && (!isPaused() || underWay() > 0);
  }

  /** Registers a processor that begins to process a request. */
  void begin(RegistryProcessor processor) {
    processing.add(processor);
  }

  /** Unregisters a processor that waits for its client again. */
  void end(RegistryProcessor processor) {
    processing.remove(processor);
  }

  /** Whether a file is being sent on the connection without a thread (sendfile). */
  boolean isSending(SocketWrapperBase<?> connection) {
    return connection instanceof NioSocketWrapper socket && socket.getSendfileData() != null;
  }

  /** Tomcat calls this after each request head, so that a changed limit applies at once. */
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

  /** The open connections. */
  Collection<? extends SocketWrapperBase<?>> connections() {
    return List.copyOf(getEndpoint().getConnections());
  }
}
