package io.registry.features.cache;

import io.registry.content.image.ImageId;
import io.registry.content.repository.TagName;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/** The parts of a repository that are cached, and their serialization. */
final class RepositoryParts {
  /** The approximate size in bytes of a small object with everything that it refers to. */
  private static final int OBJECT = 200;

  /** All its tags. */
  static final CachePart<Map<String, ImageId>> TAGS =
      new CachePart<>("tags", "tags", new TagsCodec());

  /** Its image list, as JSON. */
  static final CachePart<byte[]> IMAGE_LIST =
      new CachePart<>("images", "image-lists", new BytesCodec());

  /** Whether it is private. */
  static final CachePart<Boolean> PRIVATE =
      new CachePart<>("private", "visibilities", new BooleanCodec());

  private static final Codec<ImageId> IMAGE = new ImageIdCodec();

  private RepositoryParts() {}

  /** One of its tags. */
  static CachePart<ImageId> tag(TagName tag) {
    return new CachePart<>("tag:" + tag.value(), "tags", IMAGE);
  }

  private static final class TagsCodec implements Codec<Map<String, ImageId>> {
    @Override
    public void write(Map<String, ImageId> tags, DataOutputStream out) throws IOException {
      out.writeInt(tags.size());
      for (Map.Entry<String, ImageId> tag : tags.entrySet()) {
        out.writeUTF(tag.getKey());
        out.writeUTF(tag.getValue().value());
      }
    }

    @Override
    public Map<String, ImageId> read(DataInputStream in) throws IOException {
      int size = in.readInt();
      Map<String, ImageId> tags = new TreeMap<>();
      for (int i = 0; i < size; i++) {
        tags.put(in.readUTF(), new ImageId(in.readUTF()));
      }
      return Collections.unmodifiableMap(tags);
    }

    @Override
    public int weight(Map<String, ImageId> tags) {
      return OBJECT + tags.keySet().stream().mapToInt(tag -> OBJECT + 2 * tag.length()).sum();
    }
  }

  private static final class ImageIdCodec implements Codec<ImageId> {
    @Override
    public void write(ImageId image, DataOutputStream out) throws IOException {
      out.writeUTF(image.value());
    }

    @Override
    public ImageId read(DataInputStream in) throws IOException {
      return new ImageId(in.readUTF());
    }

    @Override
    public int weight(ImageId image) {
      return OBJECT;
    }
  }

  private static final class BooleanCodec implements Codec<Boolean> {
    @Override
    public void write(Boolean value, DataOutputStream out) throws IOException {
      out.writeBoolean(value);
    }

    @Override
    public Boolean read(DataInputStream in) throws IOException {
      return in.readBoolean();
    }

    @Override
    public int weight(Boolean value) {
      return OBJECT;
    }
  }

  private static final class BytesCodec implements Codec<byte[]> {
    @Override
    public void write(byte[] bytes, DataOutputStream out) throws IOException {
      out.write(bytes);
    }

    @Override
    public byte[] read(DataInputStream in) throws IOException {
      return in.readAllBytes();
    }

    @Override
    public int weight(byte[] bytes) {
      return OBJECT + bytes.length;
    }
  }
}
