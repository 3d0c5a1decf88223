package io.registry.web.v1;

import io.registry.access.auth.AccessRequest;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** What each request goes through before anybody knows what it asks for. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class PathsBenchmark {
  private String image =
      "/v1/images/5ada731dea16622d8626f595e1154d83eed6fc002503c1e563ff0f069f4e6b10/layer";
  private String tag = "/v1/repositories/library/debian/tags/latest";
  private String encoded = "/v1/repositories/library/deb%69an//tags/lat%65st/";

  @Benchmark
  public String image() {
    return V1Path.normalise(image);
  }

  @Benchmark
  public String tag() {
    return V1Path.normalise(tag);
  }

  @Benchmark
  public String encodedTag() {
    return V1Path.normalise(encoded);
  }

  @Benchmark
  public Optional<AccessRequest> target() {
    return V1Target.of("GET", tag);
  }
}
