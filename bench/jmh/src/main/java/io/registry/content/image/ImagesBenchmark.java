package io.registry.content.image;

import io.registry.platform.json.JsonCodec;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import tools.jackson.databind.JsonNode;

/** Ids, the JSON that they are told in, and the checksum that each byte of a layer goes through. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class ImagesBenchmark {
  private static final int DEPTH = 60;
  private static final int TAGS = 100;

  private final JsonCodec codec = new JsonCodec();
  private final byte[] part = new byte[64 * 1024];
  private String id = "";
  private List<String> ancestry = List.of();
  private Map<String, String> tags = Map.of();
  private byte[] json = new byte[0];

  public ImagesBenchmark() {
    Random random = new Random(1);
    random.nextBytes(part);
    ancestry = IntStream.range(0, DEPTH).mapToObj(number -> id(random)).toList();
    id = ancestry.get(0);
    tags = new TreeMap<>();
    IntStream.range(0, TAGS).forEach(number -> tags.put("v" + number, id));
    json = codec.render(ancestry);
  }

  private static String id(Random random) {
    byte[] bytes = new byte[32];
    random.nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }

  @Benchmark
  public Optional<ImageId> findId() {
    return ImageId.find(id);
  }

  @Benchmark
  public byte[] renderAncestryOf60() {
    return codec.render(ancestry);
  }

  @Benchmark
  public Optional<JsonNode> parseAncestryOf60() {
    return codec.parse(json);
  }

  @Benchmark
  public byte[] render100Tags() {
    return codec.render(tags);
  }

  @Benchmark
  public MessageDigest digest64KiB() {
    MessageDigest digest = Checksum.sha256();
    digest.update(part);
    return digest;
  }
}
