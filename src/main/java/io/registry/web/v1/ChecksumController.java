package io.registry.web.v1;

import io.registry.access.auth.Caller;
import io.registry.content.image.Checksum;
import io.registry.content.image.ImageId;
import io.registry.content.image.ImageUploads;
import io.registry.platform.problem.Problem;
import io.registry.platform.problem.RegistryException;
import io.registry.service.PushingClients;
import jakarta.servlet.http.HttpServletRequest;
import java.util.Optional;
import org.springframework.http.ResponseEntity;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RestController;

/** Receives the checksum that ends an upload (protocol 2.2, 3.3). */
@RestController
class ChecksumController {
  private final ImageUploads uploads;
  private final V1Responses responses;
  private final PushingClients pushers;

  ChecksumController(ImageUploads uploads, V1Responses responses, PushingClients pushers) {
    this.pushers = pushers;
    this.uploads = uploads;
    this.responses = responses;
  }

  @PutMapping("/v1/images/{id}/checksum")
  ResponseEntity<byte[]> put(
      @PathVariable ImageId id,
      @AuthenticationPrincipal Caller caller,
      HttpServletRequest request) {
    uploads.finish(id, announced(request), pushers.of(Senders.of(request), caller));
    return responses.done();
  }

  // The payload checksum wins if both are present; daemons before 0.9 send a tarsum only.
  private static Checksum announced(HttpServletRequest request) {
    return header(request, V1Headers.CHECKSUM_PAYLOAD)
        .or(() -> header(request, V1Headers.CHECKSUM).filter(Checksum::isTarSum))
        .orElseThrow(
            () ->
                new RegistryException(
                    Problem.OUTDATED_CLIENT,
                    "X-Docker-Checksum-Payload not set.  If you are using the Docker daemon, you"
                        + " should upgrade to version 0.10 or later"));
  }

  private static Optional<Checksum> header(HttpServletRequest request, String name) {
    String checksum = request.getHeader(name);
    if (checksum != null && checksum.isBlank()) {
      throw new RegistryException(Problem.INVALID, "Missing Image's checksum");
    }
    return Optional.ofNullable(checksum).map(Checksum::new);
  }
}
