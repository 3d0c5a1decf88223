package io.registry.storage.gcs;

import com.google.api.client.http.AbstractInputStreamContent;
import com.google.api.services.storage.Storage;
import com.google.api.services.storage.model.RewriteResponse;
import com.google.api.services.storage.model.StorageObject;
import io.registry.storage.BlobPart;
import io.registry.storage.gcs.GcsFailures.BrokenAnswerException;
import java.io.IOException;

/** The ways in which objects are made. */
final class GcsUploads {
  private final GcsClient client;
  private final Attempts attempts;

  GcsUploads(GcsClient client, Attempts attempts) {
    this.client = client;
    this.attempts = attempts;
  }

  /** Makes an object in one request, in place of any that is there. */
  void write(String name, BlobPart whole) throws IOException {
    NewObject object = new NewObject(name, Checksums.base64(whole.md5()), "");
    AbstractInputStreamContent content = new PartContent(whole, 0);
    verify(object, attempts.run(() -> client.insert(object, content).execute()));
  }

  /**
   * Makes an object in one request, unless there is one.
   *
   * @param writer remembered with the object, by which an earlier attempt is known
   * @return whether it was this call
   */
  boolean writeIfAbsent(String name, BlobPart whole, String writer) throws IOException {
    NewObject object = new NewObject(name, Checksums.base64(whole.md5()), writer);
    AbstractInputStreamContent content = new PartContent(whole, 0);
    Attempts.Count count = attempts.count();
    boolean perhapsWritten = false;
    while (true) {
      try {
        verify(object, client.insert(object, content).setIfGenerationMatch(0L).execute());
        return true;
      } catch (IOException e) {
        if (GcsFailures.isPreconditionFailed(e)) {
          // The object in the way can be one's own, when the answer to an attempt was lost.
          return perhapsWritten && isOwn(object);
        }
        count.failed(e);
        perhapsWritten = true;
      }
    }
  }

  /** Lets the service copy an object, in place of any that is there; a large one step by step. */
  void copy(String from, String to) throws IOException {
    Storage.Objects.Rewrite rewrite = client.rewrite(from, to);
    while (true) {
      RewriteResponse answer = attempts.run(rewrite::execute);
      if (Boolean.TRUE.equals(answer.getDone())) {
        return;
      }
      if (answer.getRewriteToken() == null) {
        throw new BrokenAnswerException("the service neither ends a copy nor goes on with it");
      }
      rewrite.setRewriteToken(answer.getRewriteToken());
    }
  }

  /** Begins an upload in many requests. */
  ResumableUpload start(String name) throws IOException {
    return ResumableUpload.start(client, attempts, new NewObject(name, "", ""));
  }

  /**
   * Begins an upload in many requests of an object that must not be there.
   *
   * @param writer remembered with the object, for {@link #isBy}
   * @throws IOException with a failed precondition when it is there, now or at the end
   */
  ResumableUpload startIfAbsent(String name, String writer) throws IOException {
    return ResumableUpload.start(client, attempts, new NewObject(name, "", writer));
  }

  /** Whether the object that is there now is one that this writer has made. */
  boolean isBy(String name, String writer) throws IOException {
    return isOwn(new NewObject(name, "", writer));
  }

  private boolean isOwn(NewObject object) throws IOException {
    try {
      return object.isMarkOf(
          attempts.run(() -> client.get(object.name()).setFields("metadata").execute()));
    } catch (IOException e) {
      if (GcsFailures.isAbsence(e)) {
        return false;
      }
      throw e;
    }
  }

  // The service compares too; should it not, nobody is to read what it has stored.
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
