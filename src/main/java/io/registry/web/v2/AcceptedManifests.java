package io.registry.web.v2;

import io.registry.content.manifest.MediaTypes;
import io.registry.platform.problem.Problem;
import jakarta.servlet.http.HttpServletRequest;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.springframework.http.HttpHeaders;

/**
 * The types of manifests that a client reads, as its {@code Accept} says.
 *
 * @param types in lower case, without parameters
 */
record AcceptedManifests(List<String> types) {
  private static final String MANIFEST = "application/vnd.";

  private static final Set<String> CURRENT =
      Set.of(
          MediaTypes.DOCKER_MANIFEST,
          MediaTypes.DOCKER_LIST,
          MediaTypes.OCI_MANIFEST,
          MediaTypes.OCI_INDEX);

  AcceptedManifests {
    types = List.copyOf(types);
  }

  static AcceptedManifests of(HttpServletRequest request) {
    return new AcceptedManifests(
        Collections.list(request.getHeaders(HttpHeaders.ACCEPT)).stream()
            .flatMap(line -> Arrays.stream(line.split(",")))
            .map(type -> type.replaceFirst(";.*", "").strip().toLowerCase(Locale.ROOT))
            .toList());
  }

  private boolean isAny() {
    return types.contains("*/*") || types.contains("application/*");
  }

  /**
   * Whether the client gets what is made of a manifest of schema 1 in its place. Daemons up to 1.9
   * send no {@code Accept}, and read nothing else. Who names the manifest by its digest wants its
   * bytes, unless the client says that it does not read them.
   */
  boolean isConverted(String stored, boolean byDigest) {
    if (!MediaTypes.isSchemaOne(stored)) {
      return false;
    }
    boolean readsOld = types.stream().anyMatch(MediaTypes::isSchemaOne);
    boolean readsNew = types.stream().anyMatch(CURRENT::contains);
    return byDigest ? readsNew && !readsOld && !isAny() : readsNew || (!readsOld && isAny());
  }

  /**
   * Requires that the client reads a manifest: one that lists types of manifests, and not this one,
   * could not. One that lists none takes any.
   */
  void require(String mediaType) {
    boolean lists = types.stream().anyMatch(type -> type.startsWith(MANIFEST));
    boolean isListed =
        types.contains(mediaType)
            || (MediaTypes.isSchemaOne(mediaType)
                && types.stream().anyMatch(MediaTypes::isSchemaOne));
    if (lists && !isAny() && !isListed) {
      throw new V2Exception(
          Problem.NOT_FOUND,
          ErrorCode.MANIFEST_UNKNOWN,
          "The manifest is of the type " + mediaType + ", which the client does not read");
    }
  }
}
