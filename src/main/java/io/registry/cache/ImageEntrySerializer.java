package io.registry.cache;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.springframework.data.redis.serializer.RedisSerializer;

/** What is remembered of images, as it lies in Redis. */
final class ImageEntrySerializer<V> implements RedisSerializer<ImageEntry<V>> {
  private final String cache;
  private final Codec<ImageEntry<V>> codec;

  /**
   * A serializer.
   *
   * @param cache the name of the cache
   * @param values makes bytes of the values
   */
  ImageEntrySerializer(String cache, Codec<V> values) {
    this.cache = cache;
    this.codec = new EntryCodec<>(values);
  }

  @Override
  public byte[] serialize(@Nullable ImageEntry<V> entry) {
    if (entry == null) {
      throw new IllegalArgumentException("Nothing is never remembered");
    }
    return SealedBytes.seal(cache, codec, entry)
        .orElseThrow(() -> new IllegalArgumentException(entry.key() + " is too long"));
  }

  /** The entry; null, which Spring takes for a miss, when the bytes are none of ours. */
  @Override
  public @Nullable ImageEntry<V> deserialize(byte @Nullable [] bytes) {
    return bytes == null ? null : SealedBytes.open(cache, codec, bytes).orElse(null);
  }

  private record EntryCodec<V>(Codec<V> values) implements Codec<ImageEntry<V>> {
    @Override
    public void write(ImageEntry<V> entry, DataOutputStream out) throws IOException {
      out.writeUTF(entry.key());
      values.write(entry.value(), out);
    }

    @Override
    public ImageEntry<V> read(DataInputStream in) throws IOException {
      return new ImageEntry<>(in.readUTF(), values.read(in));
    }

    @Override
    public int weight(ImageEntry<V> entry) {
      return entry.weight(values);
    }
  }
}
