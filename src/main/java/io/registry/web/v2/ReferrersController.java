package io.registry.web.v2;

import io.registry.content.manifest.Digest;
import io.registry.content.manifest.MediaTypes;
import io.registry.content.manifest.Referrer;
import io.registry.content.repository.RepositoryName;
import io.registry.platform.json.JsonCodec;
import io.registry.service.ManifestService;
import io.registry.service.ReferrerPage;
import io.registry.web.http.AnswerHeaders;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
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
  private final ManifestService manifests;
  private final JsonCodec codec;

  ReferrersController(ManifestService manifests, JsonCodec codec) {
    this.manifests = manifests;
    this.codec = codec;
  }

  @GetMapping("/v2/{name}/referrers/{digest}")
  ResponseEntity<byte[]> list(
      @PathVariable String name,
      @PathVariable String digest,
      @RequestParam(defaultValue = "") String artifactType,
      @RequestParam(defaultValue = "") String n,
      @RequestParam(defaultValue = "") String last) {
    RepositoryName repository = V2Names.repository(name);
    Digest subject = V2Names.digest(digest);
    int limit = ListPage.limit(n, ListPage.MOST);
    ReferrerPage page = manifests.referrers(repository, subject, artifactType, last, limit);
    HttpHeaders headers = AnswerHeaders.uncached();
    if (!artifactType.isEmpty()) {
      headers.set("OCI-Filters-Applied", "artifactType");
    }
    page.next()
        .ifPresent(
            next -> headers.set(HttpHeaders.LINK, link(name, subject, artifactType, next, limit)));
    Map<String, Object> index = new LinkedHashMap<>();
    index.put("schemaVersion", 2);
    index.put("mediaType", MediaTypes.OCI_INDEX);
    index.put("manifests", page.referrers().stream().map(ReferrersController::entry).toList());
    return ResponseEntity.ok()
        .headers(headers)
        .contentType(MediaType.parseMediaType(MediaTypes.OCI_INDEX))
        .body(codec.render(index));
  }

  private static Map<String, Object> entry(Referrer referrer) {
    Map<String, Object> entry = new LinkedHashMap<>();
    entry.put("mediaType", referrer.descriptor().mediaType());
    entry.put("digest", referrer.descriptor().digest().toString());
    entry.put("size", referrer.descriptor().size());
    if (!referrer.artifactType().isEmpty()) {
      entry.put("artifactType", referrer.artifactType());
    }
    if (!referrer.annotations().isEmpty()) {
      entry.put("annotations", referrer.annotations());
    }
    return entry;
  }

  private static String link(
      String name, Digest subject, String artifactType, String last, int limit) {
    String filter = artifactType.isEmpty() ? "" : "artifactType=" + encode(artifactType) + "&";
    return "</v2/%s/referrers/%s?%slast=%s&n=%d>; rel=\"next\""
        .formatted(name, subject, filter, encode(last), limit);
  }

  private static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }
}
