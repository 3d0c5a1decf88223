package io.registry.web.v1;

import io.registry.content.image.ImageId;
import io.registry.content.image.ImageReader;
import io.registry.platform.json.JsonCodec;
import io.registry.web.http.ImmutableAnswers;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.springframework.http.HttpHeaders;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;

/** Serves the ancestries of images (protocol 2.2). */
@RestController
class AncestryController {
  private final ImageReader images;
  private final JsonCodec codec;
  private final ImmutableAnswers answers;

  AncestryController(ImageReader images, JsonCodec codec, ImmutableAnswers answers) {
    this.images = images;
    this.codec = codec;
    this.answers = answers;
  }

  @GetMapping("/v1/images/{id}/ancestry")
  void get(@PathVariable ImageId id, HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    byte[] json = codec.render(images.ancestry(id).stream().map(ImageId::value).toList());
    answers.json(json, HttpHeaders.EMPTY, request, response);
  }
}
