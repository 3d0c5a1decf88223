package io.registry.content.distribution;

import io.registry.content.manifest.Digest;
import io.registry.content.repository.RepositoryName;
import io.registry.storage.BlobKey;
import io.registry.storage.BlobStorage;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The tree of files in which another registry keeps its repositories. It is only read, and may be
 * changed by that registry at any time, so that each answer holds for the moment of the question.
 */
public interface ForeignTree {

  /**
   * A file of the tree that says that a repository contains something, or what a tag names.
   *
   * @param file the key of the file in {@link #storage()}
   * @param digest what it names, under which {@link #file} has the bytes
   */
  record Link(BlobKey file, Digest digest) {}

  /** The store that contains the tree. */
  BlobStorage storage();

  /** What the tree is and where, for log lines. */
  String describe();

  /** Whether a key of {@link #storage()} is in the tree, and must not be written. */
  boolean contains(BlobKey key);

  /**
   * The namespaces that may have repositories, each once.
   *
   * @return the names; the caller closes the stream
   */
  Stream<String> namespaces();

  /**
   * The repositories of a namespace. One that has two names in the tree may be listed twice.
   *
   * @return the names; the caller closes the stream
   */
  Stream<RepositoryName> repositories(String namespace);

  /**
   * The repositories here that are two repositories in the tree, each with a sentence that says
   * which, and what names the tags of the second one.
   *
   * @return the sentences, while they are found; the caller closes the stream
   */
  Stream<String> merged();

  /** Whether there is such a repository. */
  boolean contains(RepositoryName repository);

  /** The names of the tags of a repository; {@link #tag} may find that one names nothing. */
  Set<String> tags(RepositoryName repository);

  /** What a tag names; empty when there is no such tag, or its file names nothing. */
  Optional<Link> tag(RepositoryName repository, String tag);

  /**
   * The digests for which {@link #manifest} may find something.
   *
   * @return the digests, some perhaps twice; the caller closes the stream
   */
  Stream<Digest> manifests(RepositoryName repository);

  /** Finds a manifest of a repository; empty when the repository does not contain it. */
  Optional<Link> manifest(RepositoryName repository, Digest digest);

  /**
   * The digests for which {@link #blob} may find something.
   *
   * @return the digests, some perhaps twice; the caller closes the stream
   */
  Stream<Digest> blobs(RepositoryName repository);

  /** Finds a blob of a repository; empty when the repository does not contain it. */
  Optional<Link> blob(RepositoryName repository, Digest digest);

  /**
   * The digests of all bytes in the tree, of whichever repository.
   *
   * @return the digests, while they are found; the caller closes the stream
   */
  Stream<Digest> digests();

  /** The key of the file with the bytes of a digest, which need not exist. */
  BlobKey file(Digest digest);
}
