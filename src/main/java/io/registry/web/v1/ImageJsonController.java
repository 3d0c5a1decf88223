package io.registry.web.v1;

import io.registry.access.auth.Caller;
import io.registry.content.image.ImageDescriptor;
import io.registry.content.image.ImageId;
import io.registry.content.image.ImageReader;
import io.registry.content.image.ImageUploads;
import io.registry.service.PushingClients;
import io.registry.web.http.ImmutableAnswers;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.springframework.http.HttpHeaders;
import org.springframework.http.ResponseEntity;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RestController;

/** Serves and receives the JSON of images (protocol 2.2). */
@RestController
class ImageJsonController {
  private final ImageReader images;
  private final ImageUploads uploads;
  private final JsonBody body;
  private final V1Responses responses;
  private final PushingClients pushers;
  private final ImmutableAnswers answers;

  ImageJsonController(
      ImageReader images,
      ImageUploads uploads,
      JsonBody body,
      V1Responses responses,
      ImmutableAnswers answers,
      PushingClients pushers) {
    this.pushers = pushers;
    this.images = images;
    this.uploads = uploads;
    this.body = body;
    this.responses = responses;
    this.answers = answers;
  }

  @GetMapping("/v1/images/{id}/json")
  void get(@PathVariable ImageId id, HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    ImageDescriptor image = images.describe(id);
    HttpHeaders headers = new HttpHeaders();
    image.layer().ifPresent(layer -> headers.set(V1Headers.SIZE, Long.toString(layer.size())));
    image.checksums().forEach(sum -> headers.add(V1Headers.CHECKSUM_PAYLOAD, sum.value()));
    answers.json(image.json(), headers, request, response);
  }

  @PutMapping("/v1/images/{id}/json")
  ResponseEntity<byte[]> put(
      @PathVariable ImageId id,
      @AuthenticationPrincipal Caller caller,
      HttpServletRequest request) {
    uploads.begin(id, body.read(request), pushers.of(Senders.of(request), caller));
    return responses.done();
  }
}
