package io.registry.web.v2;

import io.registry.json.JsonCodec;
import io.registry.manifest.Digest;
import io.registry.manifest.MediaTypes;
import io.registry.repository.RepositoryName;
import io.registry.web.AnswerHeaders;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/**
 * What refers to a manifest (OCI distribution-spec, end-12). Nothing refers to an image that was
 * pushed over V1.
 */
@RestController
@ConditionalOnV2
class ReferrersController {
  private final byte[] none;

  ReferrersController(JsonCodec codec) {
    Map<String, Object> index = new LinkedHashMap<>();
    index.put("schemaVersion", 2);
    index.put("mediaType", MediaTypes.OCI_INDEX);
    index.put("manifests", List.of());
    this.none = codec.render(index);
  }

  @GetMapping("/v2/{name}/referrers/{digest}")
  ResponseEntity<byte[]> list(
      @PathVariable String name,
      @PathVariable String digest,
      @RequestParam(defaultValue = "") String artifactType) {
    RepositoryName unused = V2Names.repository(name);
    Digest unusedToo = V2Names.digest(digest);
    HttpHeaders headers = AnswerHeaders.uncached();
    if (!artifactType.isEmpty()) {
      headers.set("OCI-Filters-Applied", "artifactType");
    }
    return ResponseEntity.ok()
        .headers(headers)
        .contentType(MediaType.parseMediaType(MediaTypes.OCI_INDEX))
        .body(none);
  }
}
