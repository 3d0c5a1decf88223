package io.registry.web.v2;

import io.registry.bridge.BridgedBlob;
import io.registry.content.manifest.Digest;
import io.registry.platform.problem.Problem;
import io.registry.service.BlobService;
import io.registry.storage.Blob;
import io.registry.storage.BlobInfo;
import io.registry.storage.ByteRange;
import io.registry.web.http.AnswerHeaders;
import io.registry.web.http.BlobForm;
import io.registry.web.http.BlobResponder;
import io.registry.web.http.BlobSource;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.URI;
import java.util.Optional;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;

/** Layers and configurations (OCI distribution-spec, end-2 and end-10). */
@RestController
@ConditionalOnV2
class BlobController {
  private final BlobService blobs;
  private final BlobResponder responder;

  BlobController(BlobService blobs, BlobResponder responder) {
    this.blobs = blobs;
    this.responder = responder;
  }

  @GetMapping("/v2/{name}/blobs/{digest}")
  void get(
      @PathVariable String name,
      @PathVariable String digest,
      HttpServletRequest request,
      HttpServletResponse response)
      throws IOException {
    Digest wanted = V2Names.digest(digest);
    BridgedBlob blob =
        blobs
            .find(V2Names.repository(name), wanted)
            .orElseThrow(
                () ->
                    new V2Exception(
                        Problem.NOT_FOUND,
                        ErrorCode.BLOB_UNKNOWN,
                        "The repository has no such blob"));
    response.setHeader(V2Headers.DIGEST, wanted.toString());
    BlobForm form =
        new BlobForm(
            MediaType.APPLICATION_OCTET_STREAM_VALUE,
            Optional.of('"' + wanted.toString() + '"'),
            HttpStatus.TEMPORARY_REDIRECT,
            true);
    responder.send(new Source(blob, wanted), form, request, response);
  }

  @DeleteMapping("/v2/{name}/blobs/{digest}")
  ResponseEntity<Void> delete(@PathVariable String name, @PathVariable String digest) {
    blobs.remove(V2Names.repository(name), V2Names.digest(digest));
    return ResponseEntity.accepted().headers(AnswerHeaders.uncached()).build();
  }

  private record Source(BridgedBlob blob, Digest digest) implements BlobSource {
    @Override
    public BlobInfo info() {
      return new BlobInfo(blob.size(), digest.hex());
    }

    @Override
    public Blob open(ByteRange range) {
      return blob.open(range);
    }

    @Override
    public Optional<URI> downloadUrl() {
      return blob.downloadUrl();
    }
  }
}
