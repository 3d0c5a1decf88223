package io.registry.storage.gcs;

import com.google.api.client.http.AbstractInputStreamContent;
import com.google.api.services.storage.Storage;
import com.google.api.services.storage.model.RewriteResponse;
import com.google.api.services.storage.model.StorageObject;
import io.registry.storage.BlobPart;
import io.registry.storage.gcs.GcsFailures.BrokenAnswerException;
import java.io.IOException;

/** Writes objects to the bucket. */
final class GcsUploads {
  private final GcsClient client;
  private final GcsAttempts attempts;

  GcsUploads(GcsClient client, GcsAttempts attempts) {
    this.client = client;
    this.attempts = attempts;
  }

  /** Writes an object in one request, replacing any existing one. */
  void write(String name, BlobPart whole) throws IOException {
    NewObject object = new NewObject(name, Checksums.base64(whole.md5()), "");
    AbstractInputStreamContent content = new PartContent(whole, 0);
    verify(object, attempts.run(() -> client.insert(object, content).execute()));
  }

  /**
   * Writes an object in one request, unless it exists.
   *
   * @param writer an id that is stored with the object, to recognize an earlier attempt
   * @return whether this call has written it
   */
  boolean writeIfAbsent(String name, BlobPart whole, String writer) throws IOException {
    NewObject object = new NewObject(name, Checksums.base64(whole.md5()), writer);
    AbstractInputStreamContent content = new PartContent(whole, 0);
    GcsAttempts.Count count = attempts.count();
    boolean perhapsWritten = false;
    while (true) {
      try {
        verify(object, client.insert(object, content).setIfGenerationMatch(0L).execute());
        return true;
      } catch (IOException e) {
        if (GcsFailures.isPreconditionFailed(e)) {
          // The existing object may be from an earlier attempt, whose response was lost.
          return perhapsWritten && isOwn(object);
        }
        count.failed(e);
        perhapsWritten = true;
      }
    }
  }

  /**
   * Lets the service copy an object, replacing any existing one; a large one takes several
   * requests.
   */
  void copy(String from, String to) throws IOException {
    Storage.Objects.Rewrite rewrite = client.rewrite(from, to);
    while (true) {
      RewriteResponse answer = attempts.run(() -> GcsClient.ask(rewrite));
      if (Boolean.TRUE.equals(answer.getDone())) {
        return;
      }
      if (answer.getRewriteToken() == null) {
        throw new BrokenAnswerException("the service neither ends a copy nor goes on with it");
      }
      rewrite.setRewriteToken(answer.getRewriteToken());
    }
  }

  /** Starts a resumable upload. */
  ResumableUpload start(String name) throws IOException {
    return ResumableUpload.start(client, attempts, new NewObject(name, "", ""));
  }

  /**
   * Starts a resumable upload of an object that must not exist.
   *
   * @param writer an id that is stored with the object, for {@link #isBy}
   * @throws IOException with a failed precondition when it exists, now or at the end
   */
  ResumableUpload startIfAbsent(String name, String writer) throws IOException {
    return ResumableUpload.start(client, attempts, new NewObject(name, "", writer));
  }

  /** Whether the existing object was written by this writer. */
  boolean isBy(String name, String writer) throws IOException {
    return isOwn(new NewObject(name, "", writer));
  }

  private boolean isOwn(NewObject object) throws IOException {
    try {
      return object.isMarkOf(
          attempts.run(() -> GcsClient.ask(client.get(object.name()).setFields("metadata"))));
    } catch (IOException e) {
      if (GcsFailures.isAbsence(e)) {
        return false;
      }
      throw e;
    }
  }

  // The service verifies the checksum, too; if it has stored other bytes all the same, the object
  // is deleted.
  private void verify(NewObject object, StorageObject stored) throws IOException {
    if (Checksums.agree(object.md5(), stored.getMd5Hash())) {
      return;
    }
    attempts.run(() -> client.deleteGeneration(object.name(), stored.getGeneration()));
    throw new BrokenAnswerException(
        "the service stored bytes with the MD5 "
            + stored.getMd5Hash()
            + " instead of "
            + object.md5());
  }
}
