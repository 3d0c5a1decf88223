package io.registry.web.v1;

import io.registry.image.ImageDescriptor;
import io.registry.image.ImageId;
import io.registry.image.ImageReader;
import io.registry.image.ImageUploads;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Clock;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RestController;

/** The JSON of images (protocol 2.2). */
@RestController
class ImageJsonController {
  private final ImageReader images;
  private final ImageUploads uploads;
  private final JsonBody body;
  private final V1Responses responses;
  private final Clock clock;

  ImageJsonController(
      ImageReader images, ImageUploads uploads, JsonBody body, V1Responses responses, Clock clock) {
    this.images = images;
    this.uploads = uploads;
    this.body = body;
    this.responses = responses;
    this.clock = clock;
  }

  @GetMapping("/v1/images/{id}/json")
  ResponseEntity<byte[]> get(@PathVariable ImageId id, HttpServletRequest request) {
    ImageDescriptor image = images.describe(id);
    String etag = Preconditions.etag(image.json());
    HttpHeaders headers = V1Headers.cached(clock, etag);
    if (Preconditions.isNotModified(request, etag)) {
      return ResponseEntity.status(HttpStatus.NOT_MODIFIED).headers(headers).build();
    }
    image.layerSize().ifPresent(size -> headers.set(V1Headers.SIZE, Long.toString(size)));
    image.checksums().forEach(sum -> headers.add(V1Headers.CHECKSUM_PAYLOAD, sum.value()));
    return V1Responses.raw(HttpStatus.OK, headers, image.json());
  }

  @PutMapping("/v1/images/{id}/json")
  ResponseEntity<byte[]> put(@PathVariable ImageId id, HttpServletRequest request) {
    uploads.begin(id, body.read(request), Pushers.of(request));
    return responses.done();
  }
}
