package io.registry.web.v1;

import io.registry.image.ImageId;
import io.registry.image.ImageReader;
import io.registry.json.JsonCodec;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Clock;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;

/** What images build upon (protocol 2.2). */
@RestController
class AncestryController {
  private final ImageReader images;
  private final JsonCodec codec;
  private final Clock clock;

  AncestryController(ImageReader images, JsonCodec codec, Clock clock) {
    this.images = images;
    this.codec = codec;
    this.clock = clock;
  }

  @GetMapping("/v1/images/{id}/ancestry")
  ResponseEntity<byte[]> get(@PathVariable ImageId id, HttpServletRequest request) {
    byte[] json = codec.render(images.ancestry(id).stream().map(ImageId::value).toList());
    String etag = Preconditions.etag(json);
    HttpHeaders headers = V1Headers.cached(clock, etag);
    if (Preconditions.isNotModified(request, etag)) {
      return ResponseEntity.status(HttpStatus.NOT_MODIFIED).headers(headers).build();
    }
    return V1Responses.raw(HttpStatus.OK, headers, json);
  }
}
