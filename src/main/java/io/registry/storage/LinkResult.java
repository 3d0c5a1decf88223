package io.registry.storage;

/** What {@link BlobStorage#link} has done. */
public enum LinkResult {
  /** The blob has the second name, or a blob of that name existed already and was kept. */
  LINKED,
  /** There is no such blob, so nothing has changed. */
  ABSENT,
  /** The store cannot give this blob a second name, so nothing has changed. */
  UNSUPPORTED
}
