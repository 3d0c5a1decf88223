package io.registry.storage.gcs;

import static org.assertj.core.api.Assertions.assertThat;

import io.registry.platform.trace.TracedPart;
import io.registry.platform.trace.Traces;
import io.registry.storage.BlobKey;
import io.registry.testkit.FakeGcs;
import io.registry.testkit.FaultProxy;
import java.net.URI;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What the service is told of traces. */
class GcsTracesTest {
  private static final String TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

  @Test
  void eachRequestSaysOfWhichTraceItIsAPart() throws Exception {
    assertThat(heads(new Fixed())).isNotEmpty().allMatch(head -> head.contains(TRACE));
  }

  @Test
  void withoutTracesNothingIsSaid() throws Exception {
    assertThat(heads(Traces.NONE)).isNotEmpty().noneMatch(head -> head.contains("traceparent"));
  }

  private static List<String> heads(Traces traces) throws Exception {
    try (FakeGcs gcs = new FakeGcs();
        FaultProxy proxy = new FaultProxy(URI.create(gcs.endpoint()).getPort())) {
      gcs.needNoCredentials();
      GcsStorageProperties settings = GcsSettings.of(proxy.endpoint().toString(), "/registry/");
      try (GcsBlobStorage storage =
          GcsBlobStorage.connect(settings, GcsSettings.withoutRedirect(), traces)) {
        BlobKey key = BlobKey.of("images", "a", "json");
        storage.write(key, new byte[] {1});
        assertThat(storage.read(key, 1)).isPresent();
        storage.deleteAll(List.of(key, BlobKey.of("images", "b", "json")));
      }
      return proxy.heads();
    }
  }

  private static final class Fixed implements Traces {
    @Override
    public TracedPart begin(String name) {
      return NONE.begin(name);
    }

    @Override
    public Map<String, String> headers() {
      return Map.of("traceparent", TRACE);
    }

    @Override
    public Runnable carried(Runnable work) {
      return work;
    }
  }
}
