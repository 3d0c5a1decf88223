package io.registry.web.v2;

import io.registry.content.repository.RepositoryName;
import io.registry.platform.json.JsonCodec;
import io.registry.platform.problem.Problem;
import io.registry.service.TagService;
import io.registry.web.http.AnswerHeaders;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** The tags of a repository (OCI distribution-spec, end-8). */
@RestController
@ConditionalOnV2
class TagListController {
  private final TagService tags;
  private final JsonCodec codec;

  TagListController(TagService tags, JsonCodec codec) {
    this.tags = tags;
    this.codec = codec;
  }

  @GetMapping("/v2/{name}/tags/list")
  ResponseEntity<byte[]> list(
      @PathVariable String name,
      @RequestParam(defaultValue = "") String n,
      @RequestParam(defaultValue = "") String last) {
    RepositoryName repository = V2Names.repository(name);
    int limit = ListPage.limit(n, ListPage.UNLIMITED);
    Set<String> all =
        tags.names(repository)
            .value()
            .orElseThrow(
                () ->
                    new V2Exception(
                        Problem.NOT_FOUND, ErrorCode.NAME_UNKNOWN, "There is no such repository"));
    ListPage page = ListPage.of(all.stream().filter(V2Names::isTag), limit, last);
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("name", name);
    body.put("tags", page.names());
    HttpHeaders headers = AnswerHeaders.uncached();
    if (page.more()) {
      headers.set(HttpHeaders.LINK, page.link("/v2/" + name + "/tags/list", limit));
    }
    return ResponseEntity.ok()
        .headers(headers)
        .contentType(MediaType.APPLICATION_JSON)
        .body(codec.render(body));
  }
}
