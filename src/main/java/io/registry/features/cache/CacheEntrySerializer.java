package io.registry.features.cache;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.springframework.data.redis.serializer.RedisSerializer;

/** Serializes cache entries for Redis. */
final class CacheEntrySerializer<V> implements RedisSerializer<CacheEntry<V>> {
  private final String cache;
  private final Codec<CacheEntry<V>> codec;

  /**
   * Creates a serializer.
   *
   * @param cache the name of the cache
   * @param values serializes the values
   */
  CacheEntrySerializer(String cache, Codec<V> values) {
    this.cache = cache;
    this.codec = new EntryCodec<>(values);
  }

  @Override
  public byte[] serialize(@Nullable CacheEntry<V> entry) {
    if (entry == null) {
      throw new IllegalArgumentException("Nothing is never remembered");
    }
    return ChecksummedPayload.seal(cache, codec, entry)
        .orElseThrow(() -> new IllegalArgumentException(entry.key() + " is too long"));
  }

  /**
   * The entry; null, which Spring treats as a miss, when the bytes are damaged or of another
   * format.
   */
  @Override
  public @Nullable CacheEntry<V> deserialize(byte @Nullable [] bytes) {
    return bytes == null ? null : ChecksummedPayload.open(cache, codec, bytes).orElse(null);
  }

  private record EntryCodec<V>(Codec<V> values) implements Codec<CacheEntry<V>> {
    @Override
    public void write(CacheEntry<V> entry, DataOutputStream out) throws IOException {
      out.writeUTF(entry.key());
      values.write(entry.value(), out);
    }

    @Override
    public CacheEntry<V> read(DataInputStream in) throws IOException {
      return new CacheEntry<>(in.readUTF(), values.read(in));
    }

    @Override
    public int weight(CacheEntry<V> entry) {
      return entry.weight(values);
    }
  }
}
