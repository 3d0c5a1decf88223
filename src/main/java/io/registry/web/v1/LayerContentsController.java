package io.registry.web.v1;

import io.registry.content.files.Contents;
import io.registry.content.files.LayerContents;
import io.registry.content.image.ImageId;
import io.registry.web.http.AnswerHeaders;
import io.registry.web.http.ImmutableAnswers;
import io.registry.web.http.MinimumRateStreams;
import io.registry.web.http.Preconditions;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Optional;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;

/** Serves the file listings of layers and the differences to their ancestors (protocol 2.2). */
@RestController
@ConditionalOnBooleanProperty("registry.contents.enabled")
class LayerContentsController {
  private static final String RETRY_SECONDS = "5";

  private final LayerContents contents;
  private final ImmutableAnswers answers;
  private final MinimumRateStreams paced;

  LayerContentsController(
      LayerContents contents, ImmutableAnswers answers, MinimumRateStreams paced) {
    this.paced = paced;
    this.contents = contents;
    this.answers = answers;
  }

  @GetMapping("/v1/images/{id}/files")
  void files(@PathVariable ImageId id, HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    try (Contents files = contents.files(id)) {
      send(files, request, response);
    }
  }

  @GetMapping("/v1/images/{id}/diff")
  void diff(@PathVariable ImageId id, HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    Optional<Contents> known = contents.diff(id);
    if (known.isEmpty()) {
      pending(response);
      return;
    }
    try (Contents diff = known.get()) {
      send(diff, request, response);
    }
  }

  // The body is that of the original, but not its caching for a year (protocol 2.2).
  private static void pending(HttpServletResponse response) {
    AnswerHeaders.addUncachedTo(response);
    response.setHeader(HttpHeaders.CACHE_CONTROL, "no-store");
    response.setHeader(HttpHeaders.RETRY_AFTER, RETRY_SECONDS);
    response.setContentType(MediaType.APPLICATION_JSON_VALUE);
    response.setContentLength(0);
  }

  private void send(Contents contents, HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    String etag = '"' + contents.version() + '"';
    if (Preconditions.isNotModified(request, etag)) {
      answers.notModified(etag, response);
      return;
    }
    answers.cacheable(etag, response);
    response.setContentType(MediaType.APPLICATION_JSON_VALUE);
    response.setContentLengthLong(contents.document().length());
    if (!request.getMethod().equals("HEAD")) {
      contents.document().body().transferTo(paced.of(response.getOutputStream()));
    }
  }
}
