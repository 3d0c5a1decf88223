package io.registry.operations.transfer;

import io.registry.bridge.ServedNames;
import io.registry.content.archive.Content;
import io.registry.content.manifest.Descriptor;
import io.registry.content.manifest.Digest;
import io.registry.content.manifest.ManifestParser;
import io.registry.content.repository.RepositoryName;
import io.registry.content.repository.TagName;
import io.registry.content.walk.ReadRate;
import io.registry.operations.transfer.ExportTarget.Outcome;
import io.registry.operations.transfer.Found.ByDigest;
import io.registry.operations.transfer.ReportLine.Result;
import io.registry.upstream.v2.RemoteContent;
import io.registry.upstream.v2.RemoteContent.Served;
import java.io.ByteArrayInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;

/** Pulls images from another registry. For many threads. */
final class RemoteSource implements ImageSelection.Place {
  private final Function<String, RemoteContent> registries;
  private final String prefix;
  private final Importer importer;
  private final ManifestParser parser;
  private final Optional<ReadRate> rate;
  private final TransferCounts counts;

  /**
   * A source.
   *
   * @param registries the other registry, for a repository there
   * @param prefix what the names begin with there; empty, or with a slash at the end
   * @param importer stores the images
   * @param parser reads manifests
   * @param rate how much is read in a second
   * @param counts counts the bytes while they are read
   */
  RemoteSource(
      Function<String, RemoteContent> registries,
      String prefix,
      Importer importer,
      ManifestParser parser,
      Optional<ReadRate> rate,
      TransferCounts counts) {
    this.registries = registries;
    this.prefix = prefix;
    this.importer = importer;
    this.parser = parser;
    this.rate = rate;
    this.counts = counts;
  }

  @Override
  public Stream<String> names() {
    return registries.apply(prefix).repositories().stream()
        .filter(name -> name.startsWith(prefix))
        .map(name -> name.substring(prefix.length()))
        .filter(ServedNames::isName);
  }

  @Override
  public Optional<String> name(String text) {
    return Optional.of(text).filter(name -> ServedNames.isName(prefix + name));
  }

  @Override
  public Collection<String> tags(String name) {
    return registries.apply(prefix + name).tags(prefix + name).orElse(List.of()).stream()
        .filter(ServedNames::isTag)
        .toList();
  }

  /**
   * Pulls an image with what refers to it.
   *
   * @param name the repository there, without the prefix
   * @throws RefusedException when it is not there, or lacks a part
   * @throws io.registry.upstream.v2.RemoteException when the other registry does not give it
   * @throws io.registry.platform.problem.RegistryException when a rule refuses it, or its tag is
   *     taken
   */
  Outcome add(String name, String tag) throws IOException {
    RemoteContent registry = registries.apply(prefix + name);
    RepositoryName repository = RepositoryName.parse(name);
    Served top =
        registry
            .manifest(prefix + name, tag)
            .orElseThrow(() -> new RefusedException("The tag is not there any more"));
    Optional<TagName> tagName = TagName.find(tag);
    if (tagName.isEmpty()) {
      throw new RefusedException("Invalid tag name");
    }
    Pull pull = new Pull(registry, repository, prefix + name);
    Outcome outcome = pull.add(top, tagName);
    return new Outcome(
        outcome.result(), outcome.bytes(), repository + "@" + top.descriptor().digest());
  }

  /** Pulls one image. */
  private final class Pull implements Found.Blobs {
    private final RemoteContent registry;
    private final RepositoryName repository;
    private final String there;
    private final Set<Digest> seen = new HashSet<>();

    /** The manifests of which it is not known yet what refers to them. */
    private final Deque<Digest> subjects = new ArrayDeque<>();

    Pull(RemoteContent registry, RepositoryName repository, String there) {
      this.registry = registry;
      this.repository = repository;
      this.there = there;
    }

    Outcome add(Served top, Optional<TagName> tag) throws IOException {
      Outcome outcome = importer.add(found(top), repository, tag);
      Result result = outcome.result();
      long bytes = outcome.bytes();
      while (!subjects.isEmpty()) {
        for (Descriptor each : registry.referrers(there, subjects.remove())) {
          if (seen.contains(each.digest())) {
            continue;
          }
          Outcome more = importer.add(found(required(each)), repository, Optional.empty());
          bytes += more.bytes();
          result = result == Result.PRESENT ? more.result() : result;
        }
      }
      return new Outcome(result, bytes);
    }

    private ByDigest found(Served manifest) {
      note(manifest);
      return new ByDigest(List.of(), manifest.descriptor(), manifest.bytes(), this);
    }

    // Also what is here already, because what refers to it may be new.
    private void note(Served manifest) {
      note(manifest.descriptor().digest());
      parser.referrers(manifest.bytes()).forEach(child -> note(child.descriptor().digest()));
    }

    private void note(Digest manifest) {
      if (seen.add(manifest)) {
        subjects.add(manifest);
      }
    }

    private Served required(Descriptor manifest) {
      return registry
          .manifest(there, manifest.digest().toString())
          .orElseThrow(() -> new RefusedException(manifest.digest() + " is named, and not there"));
    }

    @Override
    public boolean isFar() {
      return true;
    }

    @Override
    public Optional<Content> find(Descriptor blob) {
      return registry.hasBlob(there, blob.digest())
          ? Optional.of(() -> new Metered(registry.blob(there, blob)))
          : Optional.empty();
    }

    @Override
    public Optional<Content> findManifest(Descriptor manifest) {
      return registry
          .manifest(there, manifest.digest().toString())
          .map(
              served -> {
                note(served);
                return () -> new ByteArrayInputStream(served.bytes());
              });
    }
  }

  /** Counts what is read, and holds it back. */
  private final class Metered extends FilterInputStream {
    Metered(InputStream in) {
      super(in);
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      int read = super.read(bytes, offset, length);
      if (read > 0) {
        counts.addBytes(read);
        rate.ifPresent(limit -> limit.passed(read));
      }
      return read;
    }
  }
}
