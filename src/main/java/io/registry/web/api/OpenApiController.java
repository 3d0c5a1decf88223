package io.registry.web.api;

import io.registry.access.auth.ConditionalOnIndexMode;
import io.registry.access.auth.IndexMode;
import io.swagger.v3.oas.annotations.Hidden;
import org.springframework.core.io.ClassPathResource;
import org.springframework.core.io.Resource;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** Serves the OpenAPI description of this API, which a test compares with the controllers. */
@RestController
@ConditionalOnIndexMode(IndexMode.EMBEDDED)
class OpenApiController {

  @Hidden
  @GetMapping(path = "/api/openapi.json", produces = MediaType.APPLICATION_JSON_VALUE)
  ResponseEntity<Resource> get() {
    return ResponseEntity.ok(new ClassPathResource("openapi.json", OpenApiController.class));
  }
}
