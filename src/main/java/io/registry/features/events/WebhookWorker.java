package io.registry.features.events;

import io.registry.platform.client.CallFailure;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Delivers the messages of one webhook, one after the other, in a thread of its own, so that a slow
 * receiver does not delay the others. The thread is never interrupted, because that would close the
 * file of an H2 database.
 */
final class WebhookWorker {
  private static final Logger log = LoggerFactory.getLogger(WebhookWorker.class);

  /** How often the outbox is polled for messages of other registries. */
  private static final Duration PAUSE = Duration.ofSeconds(1);

  private static final Duration PAUSE_WITHOUT_DATABASE = Duration.ofSeconds(5);

  /** Much longer than the end of an attempt and writing its result take. */
  private static final Duration LEASE_MARGIN = Duration.ofSeconds(30);

  /** Statuses with which the receiver refuses the message for good. */
  private static final Set<Integer> FINAL = Set.of(400, 410, 413, 415, 422);

  private final String name;
  private final WebhookProperties settings;
  private final SignedPost post;
  private final RetryPlan plan;
  private final Outbox outbox;
  private final WebhookBacklog backlog;
  private final EventMeters meters;
  private final Clock clock;
  private final Semaphore news = new Semaphore(0);
  private final Thread thread;
  private volatile boolean stopped;
  private boolean failing;
  private boolean away;
  private Optional<Instant> due = Optional.empty();
  private Optional<Runnable> unsettled = Optional.empty();

  WebhookWorker(
      String name,
      WebhookProperties settings,
      SignedPost post,
      Outbox outbox,
      WebhookBacklog backlog,
      EventMeters meters,
      Clock clock) {
    this.name = name;
    this.settings = settings;
    this.post = post;
    this.plan = new RetryPlan(settings.backoff(), settings.backoffMax(), settings.giveUpAfter());
    this.outbox = outbox;
    this.backlog = backlog;
    this.meters = meters;
    this.clock = clock;
    this.thread = new Thread(this::work, "webhook-" + name);
    thread.setDaemon(true);
  }

  void start() {
    meters.watch(name, backlog);
    thread.start();
  }

  /** Makes the worker look into the outbox at once. */
  void wake() {
    news.release();
  }

  /** Makes the worker begin no further delivery. */
  void stop() {
    stopped = true;
    wake();
  }

  /** Waits until the worker has ended, up to the given time. */
  void awaitEnd(Duration time) {
    try {
      thread.join(time.toMillis());
      post.close();
      thread.join(PAUSE.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      post.close();
    }
  }

  private void work() {
    while (!stopped) {
      Duration pause;
      try {
        pause = deliverAllDue();
        away = false;
      } catch (RuntimeException | OutOfMemoryError e) {
        pause = PAUSE_WITHOUT_DATABASE;
        tellOnce(e);
      }
      await(pause);
    }
  }

  private void tellOnce(Throwable failure) {
    if (!away) {
      log.warn("The outbox of the webhook {} cannot be used now: {}", name, failure.toString());
      log.debug("The outbox cannot be used", failure);
    }
    away = true;
  }

  private void await(Duration pause) {
    try {
      news.tryAcquire(pause.toMillis(), TimeUnit.MILLISECONDS);
      news.drainPermits();
    } catch (InterruptedException e) {
      // Threads are not interrupted on purpose: treated like a wake-up.
      log.debug("Interrupted", e);
    }
  }

  // Returns how long there is nothing to do, as far as this process knows.
  private Duration deliverAllDue() {
    due = Optional.empty();
    unsettled.ifPresent(this::settle);
    Duration lease = settings.timeout().plus(LEASE_MARGIN);
    Optional<Delivery> next = outbox.claim(name, lease);
    while (next.isPresent()) {
      deliver(next.get());
      next = stopped ? Optional.empty() : outbox.claim(name, lease);
    }
    backlog.note(name, outbox.backlog(name));
    return due.map(time -> Duration.between(clock.instant(), time))
        .filter(time -> time.compareTo(PAUSE) < 0)
        .map(time -> time.isNegative() ? Duration.ZERO : time)
        .orElse(PAUSE);
  }

  // A result that the database did not accept is written again before anything else: otherwise the
  // receiver would get the message twice, and the next message would wait until the claim expires.
  private void settle(Runnable outcome) {
    unsettled = Optional.of(outcome);
    outcome.run();
    unsettled = Optional.empty();
  }

  private void deliver(Delivery delivery) {
    Message message = delivery.message();
    try {
      HttpResponse<byte[]> answer =
          post.send(
              message.id(), Envelope.MEDIA_TYPE, message.body().getBytes(StandardCharsets.UTF_8));
      judge(delivery, answer);
    } catch (CallFailure e) {
      log.debug("The webhook {} did not answer", name, e);
      if (stopped) {
        // Another registry may try it at once.
        settle(() -> outbox.postpone(delivery, clock.instant(), ""));
      } else {
        failed(delivery, String.valueOf(e.getMessage()), Optional.empty());
      }
    }
  }

  private void judge(Delivery delivery, HttpResponse<byte[]> answer) {
    int status = answer.statusCode();
    if (status / 100 == 2) {
      settle(() -> outbox.delivered(delivery));
      meters.attempted(name, "delivered");
      if (failing) {
        log.info("The webhook {} accepts events again", name);
      }
      failing = false;
    } else if (FINAL.contains(status)) {
      giveUp(delivery, "HTTP " + status);
    } else {
      failed(delivery, "HTTP " + status, RetryAfter.of(answer.headers(), clock.instant()));
    }
  }

  private void failed(Delivery delivery, String failure, Optional<Duration> asked) {
    Optional<Instant> next =
        plan.next(delivery, clock.instant(), asked, ThreadLocalRandom.current());
    if (next.isEmpty()) {
      giveUp(delivery, failure);
      return;
    }
    settle(() -> outbox.postpone(delivery, next.get(), failure));
    due = next;
    meters.attempted(name, "failed");
    if (!failing) {
      log.warn("The webhook {} does not accept events, which wait: {}", name, failure);
    }
    failing = true;
  }

  private void giveUp(Delivery delivery, String failure) {
    settle(() -> outbox.bury(delivery, failure));
    meters.attempted(name, "given-up");
    log.error(
        "The webhook {} did not get the event {} ({}), which is a dead letter now: {}",
        name,
        delivery.message().subject(),
        delivery.message().id(),
        failure);
  }
}
