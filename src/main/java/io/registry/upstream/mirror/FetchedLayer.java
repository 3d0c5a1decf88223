package io.registry.upstream.mirror;

import io.registry.content.image.ImageCopies;
import io.registry.content.image.ImageId;
import io.registry.content.image.LayerCopy;
import io.registry.platform.client.CallFailure;
import io.registry.platform.client.CallFailure.Kind;
import io.registry.platform.problem.Problem;
import io.registry.platform.problem.RegistryException;
import java.io.IOException;
import java.util.OptionalLong;

/** The layer of a V1 image whose description is in the store. */
record FetchedLayer(ImageId id, Parts parts) implements Fetched {

  /** The objects that all layers share. */
  record Parts(V1Source source, SourceImages images, ImageCopies copies) {}

  @Override
  public Object key() {
    return id;
  }

  @Override
  public boolean isHere() {
    return parts.copies().hasLayer(id);
  }

  private SourceImage image() {
    return parts.images().find(id).orElseThrow(FetchedLayer::none);
  }

  private static CallFailure none() {
    return new CallFailure(Kind.ANSWER, "it has none");
  }

  @Override
  public SourceAnswer ask() {
    return parts.source().layer(id).orElseThrow(FetchedLayer::none);
  }

  @Override
  public OptionalLong told() {
    return image().size();
  }

  @Override
  public boolean isVerifiable() {
    return image().size().isPresent() || !image().checksums().isEmpty();
  }

  @Override
  public Copy copy() {
    return new Layer(image(), parts.copies().copyLayer(id));
  }

  @Override
  public void failed() {
    parts.images().forget(id);
  }

  @Override
  public RegistryException refusal() {
    return new RegistryException(Problem.NOT_FOUND, "Image not found");
  }

  private record Layer(SourceImage image, LayerCopy copy) implements Copy {
    @Override
    public void write(byte[] bytes, int offset, int length) {
      copy.write(bytes, offset, length);
    }

    @Override
    public void verify(long count, LayerCopy.Again again) throws IOException {
      boolean vouchedFor = copy.verify(image.checksums(), again);
      if (!vouchedFor && image.size().orElse(count) != count) {
        throw new IOException(
            "it has %d bytes instead of %d".formatted(count, image.size().getAsLong()));
      }
    }

    @Override
    public void commit() {
      copy.commit();
    }

    @Override
    public void close() {
      copy.close();
    }
  }
}
