package io.registry.operations.transfer;

import io.registry.bridge.SchemaTwoManifest;
import io.registry.bridge.ServedNames;
import io.registry.content.archive.DockerArchive;
import io.registry.content.archive.DockerArchive.Folder;
import io.registry.content.archive.DockerArchive.Layer;
import io.registry.content.image.ImageId;
import io.registry.content.manifest.Descriptor;
import io.registry.content.manifest.Manifest;
import io.registry.content.repository.RepositoryName;
import io.registry.operations.transfer.ReportLine.Result;
import io.registry.operations.transfer.ServedImages.Tagged;
import io.registry.service.ServedManifest;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/** Writes images to an archive for {@code docker load}. */
final class DockerTarget implements ExportTarget {
  /** What V1 clients get of an image for several platforms. */
  private final String platform;

  private final ServedImages source;
  private final Optional<DockerArchive> archive;

  /**
   * A target.
   *
   * @param archive what is written; empty when nothing is
   * @param platform which image of an index is exported
   */
  DockerTarget(ServedImages source, Optional<DockerArchive> archive, String platform) {
    this.source = source;
    this.archive = archive;
    this.platform = platform;
  }

  /** An image with what its archive needs. */
  @SuppressWarnings("ArrayRecordComponent")
  private record Plan(byte[] config, List<Folder> folders, long bytes) {}

  @Override
  public Outcome add(Tagged image) throws IOException {
    Plan plan = prepare(image);
    DockerArchive target = archive.orElseThrow();
    long bytes = target.add(plan.config(), plan.folders());
    Optional<String> name = ServedNames.name(image.repository());
    target.name(
        plan.config(),
        name.orElseGet(() -> image.repository().toString()),
        image.tag().value(),
        image.v1().map(ImageId::value),
        name.isPresent() && ServedNames.isTag(image.tag().value()));
    return new Outcome(Result.DONE, bytes);
  }

  @Override
  public Outcome plan(Tagged image) throws IOException {
    return new Outcome(Result.WOULD, prepare(image).bytes());
  }

  private Plan prepare(Tagged image) throws IOException {
    RepositoryName repository = image.repository();
    ServedManifest manifest = single(image);
    Manifest parsed = source.parse(manifest);
    Descriptor config =
        parsed
            .config()
            .filter(found -> found.mediaType().contains("image"))
            .orElseThrow(() -> new RefusedException("Docker archives contain images only"));
    List<Descriptor> layers = new ArrayList<>();
    for (Manifest.Part layer : parsed.layers()) {
      if (!source.has(repository, layer.descriptor().digest())) {
        throw new RefusedException("The layer " + layer.descriptor().digest() + " is not there");
      }
      layers.add(layer.descriptor());
    }
    long bytes = layers.stream().mapToLong(Descriptor::size).sum();
    List<Folder> folders =
        image.v1().isPresent()
            ? ofChain(repository, image.v1().get(), manifest, layers)
            : layers.stream()
                .map(
                    layer ->
                        new Folder(
                            layer.digest().hex(),
                            Optional.empty(),
                            Optional.of(layer(repository, layer))))
                .toList();
    return new Plan(source.read(repository, config), folders, bytes);
  }

  private ServedManifest single(Tagged image) {
    Manifest parsed = source.parse(image.manifest());
    if (parsed.kind() == Manifest.Kind.IMAGE) {
      return image.manifest();
    }
    return parsed.children().stream()
        .filter(child -> child.platform().equals(platform))
        .flatMap(child -> source.manifest(image.repository(), child.descriptor().digest()).stream())
        .findFirst()
        .orElseThrow(
            () -> new RefusedException("Docker archives contain images of " + platform + " only"));
  }

  private Layer layer(RepositoryName repository, Descriptor layer) {
    return new Layer(layer, source.blob(repository, layer.digest()));
  }

  // The manifest of a V1 image says which layer is whose: a very long chain leaves some out.
  private List<Folder> ofChain(
      RepositoryName repository, ImageId top, ServedManifest manifest, List<Descriptor> layers) {
    List<ImageId> chain = new ArrayList<>(source.images().ancestry(top));
    Collections.reverse(chain);
    Map<String, Descriptor> byId = new HashMap<>();
    if (layers.size() == chain.size()) {
      for (int i = 0; i < layers.size(); i++) {
        byId.put(chain.get(i).value(), layers.get(i));
      }
    } else {
      List<String> ids = ids(manifest);
      for (int i = 0; i < Math.min(ids.size(), layers.size()); i++) {
        byId.put(ids.get(i), layers.get(i));
      }
    }
    List<Folder> folders = new ArrayList<>();
    for (ImageId id : chain) {
      folders.add(
          new Folder(
              id.value(),
              Optional.of(source.images().describe(id).json()),
              Optional.ofNullable(byId.get(id.value())).map(found -> layer(repository, found))));
    }
    if (byId.size() != layers.size()) {
      throw new RefusedException("The manifest and the V1 images have different layers");
    }
    return folders;
  }

  private List<String> ids(ServedManifest manifest) {
    List<String> ids = new ArrayList<>();
    JsonNode json = source.codec().parse(manifest.bytes()).orElseThrow();
    for (JsonNode layer : json.path("layers")) {
      ids.add(layer.path("annotations").path(SchemaTwoManifest.ID_ANNOTATION).asString(""));
    }
    return ids;
  }

  @Override
  public boolean isBroken() {
    return archive.filter(DockerArchive::isBroken).isPresent();
  }

  @Override
  public void finish() throws IOException {
    if (archive.isPresent()) {
      archive.get().finish();
    }
  }

  @Override
  public void close() throws IOException {
    if (archive.isPresent()) {
      archive.get().close();
    }
  }
}
