package io.registry.web.v2;

import io.registry.platform.json.JsonCodec;
import java.util.Map;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** Tells clients that the server speaks V2 (OCI distribution-spec, end-1). */
@RestController
@ConditionalOnV2
class BaseController {
  private final byte[] body;

  BaseController(JsonCodec codec) {
    this.body = codec.render(Map.of());
  }

  @GetMapping(V2Path.BASE)
  ResponseEntity<byte[]> get() {
    return ResponseEntity.ok().contentType(MediaType.APPLICATION_JSON).body(body);
  }
}
