package io.registry.features.cache;

import io.registry.content.image.Checksum;
import io.registry.content.image.ImageDescriptor;
import io.registry.content.image.ImageId;
import io.registry.storage.BlobInfo;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Serializes data of images. */
final class ImageCodecs {
  /** The approximate size in bytes of a small object with everything that it refers to. */
  private static final int OBJECT = 200;

  static final Codec<List<ImageId>> ANCESTRY = new AncestryCodec();
  static final Codec<ImageDescriptor> DESCRIPTOR = new DescriptorCodec();

  private ImageCodecs() {}

  private static final class AncestryCodec implements Codec<List<ImageId>> {
    @Override
    public void write(List<ImageId> ids, DataOutputStream out) throws IOException {
      out.writeInt(ids.size());
      for (ImageId id : ids) {
        out.writeUTF(id.value());
      }
    }

    @Override
    public List<ImageId> read(DataInputStream in) throws IOException {
      int size = in.readInt();
      List<ImageId> ids = new ArrayList<>();
      for (int i = 0; i < size; i++) {
        ids.add(new ImageId(in.readUTF()));
      }
      return List.copyOf(ids);
    }

    @Override
    public int weight(List<ImageId> ids) {
      return OBJECT * (1 + ids.size());
    }
  }

  private static final class DescriptorCodec implements Codec<ImageDescriptor> {
    @Override
    public void write(ImageDescriptor image, DataOutputStream out) throws IOException {
      out.writeBoolean(image.layer().isPresent());
      if (image.layer().isPresent()) {
        out.writeLong(image.layer().get().size());
        out.writeUTF(image.layer().get().version());
      }
      out.writeInt(image.checksums().size());
      for (Checksum checksum : image.checksums()) {
        writeBytes(checksum.value().getBytes(StandardCharsets.UTF_8), out);
      }
      writeBytes(image.json(), out);
    }

    @Override
    public ImageDescriptor read(DataInputStream in) throws IOException {
      Optional<BlobInfo> layer =
          in.readBoolean()
              ? Optional.of(new BlobInfo(in.readLong(), in.readUTF()))
              : Optional.empty();
      int count = in.readInt();
      List<Checksum> checksums = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        checksums.add(new Checksum(new String(readBytes(in), StandardCharsets.UTF_8)));
      }
      return new ImageDescriptor(readBytes(in), layer, checksums);
    }

    @Override
    public int weight(ImageDescriptor image) {
      return 2 * OBJECT
          + image.json().length
          + image.checksums().stream().mapToInt(sum -> OBJECT + sum.value().length()).sum();
    }

    private static void writeBytes(byte[] bytes, DataOutputStream out) throws IOException {
      out.writeInt(bytes.length);
      out.write(bytes);
    }

    private static byte[] readBytes(DataInputStream in) throws IOException {
      int length = in.readInt();
      byte[] bytes = in.readNBytes(length);
      if (bytes.length < length) {
        throw new IOException("It ends after " + bytes.length + " of " + length + " bytes");
      }
      return bytes;
    }
  }
}
