package io.registry.web.api;

import io.registry.access.auth.Audit;
import io.registry.access.auth.AuditActor;
import io.registry.access.auth.Caller;
import io.registry.access.auth.ConditionalOnIndexMode;
import io.registry.access.auth.IndexMode;
import io.registry.access.index.IdRelease;
import io.registry.content.image.ImageId;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import jakarta.servlet.http.HttpServletRequest;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** Lets admins and owners of namespaces remove images and release their ids. */
@RestController
@RequestMapping(path = "/api/images", produces = MediaType.APPLICATION_JSON_VALUE)
@ConditionalOnIndexMode(IndexMode.EMBEDDED)
class ImagesController {
  private final IdRelease ids;
  private final Audit audit;

  ImagesController(IdRelease ids, Audit audit) {
    this.ids = ids;
    this.audit = audit;
  }

  @DeleteMapping("/{image}")
  @ResponseStatus(HttpStatus.NO_CONTENT)
  @Operation(
      summary =
          "Removes an image, so that another image can be pushed under its id. The records"
              + " of the repositories that own it are removed too. For admins, and for owners and"
              + " admins of a namespace to which the image was sent, if no other namespace uses it")
  @ApiResponse(
      responseCode = "409",
      description =
          "A tag needs the image; the text names up to 10 tags. Or another namespace uses it")
  void delete(
      @PathVariable String image,
      @RequestParam(defaultValue = "false") boolean force,
      @AuthenticationPrincipal Caller.Account caller,
      HttpServletRequest request) {
    ImageId id = ImageId.valueOf(image);
    if (caller.admin()) {
      ids.release(id, force);
    } else {
      ids.release(id, caller.name(), force);
    }
    audit.imageFreed(AuditActor.of(caller, request.getRemoteAddr()), id, force);
  }
}
