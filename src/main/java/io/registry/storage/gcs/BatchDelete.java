package io.registry.storage.gcs;

import com.google.api.client.googleapis.batch.BatchRequest;
import com.google.api.client.googleapis.batch.json.JsonBatchCallback;
import com.google.api.client.googleapis.json.GoogleJsonError;
import com.google.api.client.http.HttpHeaders;
import com.google.api.client.http.HttpResponseException;
import io.registry.storage.BlobKey;
import io.registry.storage.ObjectNames;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Deletes many objects, in batches as large as the service allows. */
final class BatchDelete {
  private static final int BATCH = 100;
  private static final int NOT_IMPLEMENTED = 501;

  private final GcsClient client;
  private final GcsAttempts attempts;
  private final ObjectNames names;

  BatchDelete(GcsClient client, GcsAttempts attempts, ObjectNames names) {
    this.client = client;
    this.attempts = attempts;
    this.names = names;
  }

  /** Deletes all of them; missing ones are ignored. */
  void of(Collection<BlobKey> keys) {
    List<BlobKey> all = keys.stream().filter(names::isPossible).toList();
    for (int from = 0; from < all.size(); from += BATCH) {
      delete(all.subList(from, Math.min(all.size(), from + BATCH)));
    }
  }

  private void delete(List<BlobKey> keys) {
    List<BlobKey> left = new ArrayList<>(keys);
    try {
      attempts.run(() -> deleteOnce(left));
    } catch (IOException e) {
      throw GcsFailures.of("delete", left.get(0), e);
    }
  }

  // Deleted objects are removed from the list, so that a retry sends only the rest.
  private Boolean deleteOnce(List<BlobKey> left) throws IOException {
    BatchRequest batch = client.batch();
    Answers answers = new Answers();
    for (BlobKey key : left) {
      client.delete(names.of(key)).queue(batch, answers.of(key));
    }
    try {
      batch.execute();
    } catch (HttpResponseException e) {
      if (e.getStatusCode() != NOT_IMPLEMENTED) {
        throw e;
      }
      answers.unclear.addAll(left);
    }
    left.removeAll(answers.deleted);
    for (BlobKey key : answers.unclear) {
      deleteAlone(key);
      left.remove(key);
    }
    if (left.isEmpty()) {
      return true;
    }
    throw answers.failure == null
        ? new IOException("a deletion was not answered")
        : answers.failure;
  }

  // A service may have no batches, and a batch does not tell the status of an answer whose document
  // is not in the form of the service.
  private void deleteAlone(BlobKey key) throws IOException {
    try {
      GcsClient.send(client.delete(names.of(key)));
    } catch (IOException e) {
      if (!GcsFailures.isAbsence(e)) {
        throw e;
      }
    }
  }

  /** The results of one batch. */
  private static final class Answers {
    private final List<BlobKey> deleted = new ArrayList<>();
    private final List<BlobKey> unclear = new ArrayList<>();
    private @Nullable IOException failure;

    JsonBatchCallback<Void> of(BlobKey key) {
      return new JsonBatchCallback<>() {
        @Override
        public void onSuccess(Void nothing, HttpHeaders headers) {
          deleted.add(key);
        }

        @Override
        public void onFailure(@Nullable GoogleJsonError error, HttpHeaders headers) {
          if (error == null) {
            unclear.add(key);
            return;
          }
          IOException cause = GcsFailures.answered(error);
          if (GcsFailures.isAbsence(cause)) {
            deleted.add(key);
          } else if (failure == null || GcsFailures.isTransient(failure)) {
            failure = cause;
          }
        }
      };
    }
  }
}
