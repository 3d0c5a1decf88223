package io.registry.web.v1;

import io.registry.access.auth.Caller;
import io.registry.content.image.ImageId;
import io.registry.content.image.ImageReader;
import io.registry.content.image.ImageUploads;
import io.registry.service.PushingClients;
import io.registry.storage.Blob;
import io.registry.storage.BlobInfo;
import io.registry.storage.ByteRange;
import io.registry.web.http.BlobForm;
import io.registry.web.http.BlobResponder;
import io.registry.web.http.BlobSource;
import io.registry.web.http.MinimumRateStreams;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.URI;
import java.util.Optional;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RestController;

/** Serves and receives the layers of images (protocol 2.2). */
@RestController
class LayerController {
  private static final BlobForm FORM = BlobForm.bytes(HttpStatus.FOUND);

  private final ImageReader images;
  private final ImageUploads uploads;
  private final V1Responses responses;
  private final PushingClients pushers;
  private final BlobResponder blobs;
  private final UploadsUnderWay underWay;
  private final MinimumRateStreams paced;

  LayerController(
      ImageReader images,
      ImageUploads uploads,
      V1Responses responses,
      BlobResponder blobs,
      PushingClients pushers,
      UploadsUnderWay underWay,
      MinimumRateStreams paced) {
    this.underWay = underWay;
    this.paced = paced;
    this.pushers = pushers;
    this.images = images;
    this.uploads = uploads;
    this.responses = responses;
    this.blobs = blobs;
  }

  @GetMapping("/v1/images/{id}/layer")
  void get(@PathVariable ImageId id, HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    blobs.send(new Layer(images, id), FORM, request, response);
  }

  @PutMapping("/v1/images/{id}/layer")
  ResponseEntity<byte[]> put(
      @PathVariable ImageId id, @AuthenticationPrincipal Caller caller, HttpServletRequest request)
      throws IOException {
    return underWay.during(
        () -> {
          uploads.receiveLayer(
              id, paced.of(request.getInputStream()), pushers.of(Senders.of(request), caller));
          return responses.done();
        });
  }

  private record Layer(ImageReader images, ImageId id) implements BlobSource {
    @Override
    public BlobInfo info() {
      return images.layerInfo(id);
    }

    @Override
    public Blob open(ByteRange range) {
      return images.layer(id, range);
    }

    @Override
    public Optional<URI> downloadUrl() {
      return images.layerUrl(id);
    }
  }
}
