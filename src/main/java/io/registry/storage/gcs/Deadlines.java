package io.registry.storage.gcs;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.apache.http.HttpClientConnection;
import org.apache.http.HttpEntityEnclosingRequest;
import org.apache.http.HttpException;
import org.apache.http.HttpRequest;
import org.apache.http.HttpResponse;
import org.apache.http.protocol.HttpContext;
import org.apache.http.protocol.HttpRequestExecutor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Closes the connection of a request that is not answered in time. The read timeout does not detect
 * a service that stops reading, or that sends its response byte by byte.
 */
final class Deadlines extends HttpRequestExecutor implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Deadlines.class);
  private static final long MIB = 1024 * 1024;

  private final Duration limit;
  private final ScheduledExecutorService timer = newTimer();

  /**
   * Creates the deadlines of all requests.
   *
   * @param limit time until the head of the response; one more second for each mebibyte that is
   *     sent
   */
  Deadlines(Duration limit) {
    this.limit = limit;
  }

  @Override
  public HttpResponse execute(
      HttpRequest request, HttpClientConnection connection, HttpContext context)
      throws IOException, HttpException {
    long millis = limit.toMillis() + TimeUnit.SECONDS.toMillis(length(request) / MIB);
    ScheduledFuture<?> cut = timer.schedule(() -> cut(connection), millis, TimeUnit.MILLISECONDS);
    try {
      return super.execute(request, connection, context);
    } finally {
      cut.cancel(false);
    }
  }

  private static void cut(HttpClientConnection connection) {
    try {
      connection.shutdown();
    } catch (IOException e) {
      log.debug("A connection was broken already: {}", e.toString());
    }
  }

  private static long length(HttpRequest request) {
    return request instanceof HttpEntityEnclosingRequest sending && sending.getEntity() != null
        ? Math.max(0, sending.getEntity().getContentLength())
        : 0;
  }

  private static ScheduledThreadPoolExecutor newTimer() {
    ScheduledThreadPoolExecutor timer =
        new ScheduledThreadPoolExecutor(
            1,
            task -> {
              Thread thread = new Thread(task, "gcs-deadlines");
              thread.setDaemon(true);
              return thread;
            });
    timer.setRemoveOnCancelPolicy(true);
    return timer;
  }

  @Override
  public void close() {
    timer.shutdownNow();
  }
}
