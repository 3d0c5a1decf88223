package io.registry.web.api;

import io.registry.access.auth.Caller;
import io.registry.content.image.ImageId;
import io.registry.content.manifest.Digest;
import io.registry.content.repository.Pins;
import io.registry.content.repository.RepositoryName;
import io.registry.platform.problem.Problem;
import io.registry.platform.problem.RegistryException;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Schema;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Size;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** Lets admins pin images, so that neither rules nor collections remove them. */
@RestController
@RequestMapping(path = "/api/pins", produces = MediaType.APPLICATION_JSON_VALUE)
class PinsController {
  private final Pins pins;

  PinsController(Pins pins) {
    this.pins = pins;
  }

  record Pin(
      @Schema(description = "The V1 image; absent for a manifest") @Nullable String image,
      @Schema(description = "The repository of the manifest; absent for a V1 image")
          @Nullable String repository,
      @Schema(description = "The digest of the manifest; absent for a V1 image")
          @Nullable String digest,
      String reason,
      @Nullable Instant since) {}

  record AllPins(List<Pin> pins) {}

  record NewPin(
      @Schema(description = "Why, up to 1,000 characters; may be empty") @NotNull @Size(max = 1_000)
          String reason) {}

  @GetMapping
  @Operation(summary = "Lists the pinned images. For admins")
  AllPins list(@AuthenticationPrincipal Caller caller) {
    RegistryAdmins.require(caller);
    try (Stream<Pins.Pin> all = pins.all()) {
      return new AllPins(all.map(PinsController::shown).toList());
    }
  }

  private static Pin shown(Pins.Pin pin) {
    return new Pin(
        pin.image().map(ImageId::value).orElse(null),
        pin.repository().map(RepositoryName::toString).orElse(null),
        pin.digest().orElse(null),
        pin.reason(),
        pin.since().orElse(null));
  }

  @PutMapping(path = "/images/{image}", consumes = MediaType.APPLICATION_JSON_VALUE)
  @ResponseStatus(HttpStatus.NO_CONTENT)
  @Operation(summary = "Pins a V1 image with its ancestors. For admins")
  void pin(
      @PathVariable String image,
      @Valid @RequestBody NewPin pin,
      @AuthenticationPrincipal Caller caller) {
    RegistryAdmins.require(caller);
    pins.pin(ImageId.valueOf(image), pin.reason());
  }

  @DeleteMapping("/images/{image}")
  @ResponseStatus(HttpStatus.NO_CONTENT)
  @Operation(summary = "Takes the pin of a V1 image away. For admins")
  void unpin(@PathVariable String image, @AuthenticationPrincipal Caller caller) {
    RegistryAdmins.require(caller);
    require(pins.unpin(ImageId.valueOf(image)));
  }

  @PutMapping(
      path = "/manifests/{space}/{repository}/{digest}",
      consumes = MediaType.APPLICATION_JSON_VALUE)
  @ResponseStatus(HttpStatus.NO_CONTENT)
  @Operation(summary = "Pins a manifest of a repository with everything that it lists. For admins")
  void pin(
      @PathVariable String space,
      @PathVariable String repository,
      @PathVariable String digest,
      @Valid @RequestBody NewPin pin,
      @AuthenticationPrincipal Caller caller) {
    RegistryAdmins.require(caller);
    pins.pin(new RepositoryName(space, repository), digest(digest), pin.reason());
  }

  @DeleteMapping("/manifests/{space}/{repository}/{digest}")
  @ResponseStatus(HttpStatus.NO_CONTENT)
  @Operation(summary = "Takes the pin of a manifest away. For admins")
  void unpin(
      @PathVariable String space,
      @PathVariable String repository,
      @PathVariable String digest,
      @AuthenticationPrincipal Caller caller) {
    RegistryAdmins.require(caller);
    require(pins.unpin(new RepositoryName(space, repository), digest(digest)));
  }

  private static String digest(String text) {
    return Digest.find(text)
        .orElseThrow(() -> new RegistryException(Problem.INVALID, "Invalid digest"))
        .toString();
  }

  private static void require(boolean found) {
    if (!found) {
      throw new RegistryException(Problem.NOT_FOUND, "There is no such pin");
    }
  }
}
