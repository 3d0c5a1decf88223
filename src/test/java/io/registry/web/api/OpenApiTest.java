package io.registry.web.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import tools.jackson.core.util.DefaultIndenter;
import tools.jackson.core.util.DefaultPrettyPrinter;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** docs/openapi.json, which is served, says what the controllers do. */
class OpenApiTest {
  private static final Path DOCUMENT = Path.of("docs/openapi.json");

  /** To write it anew: {@code ./mvnw test -Dtest=OpenApiTest -Dopenapi.write=true}. */
  private static final boolean WRITE = Boolean.getBoolean("openapi.write");

  @Test
  void theDocumentIsWhatTheCodeSays() throws Exception {
    DefaultIndenter lines = new DefaultIndenter("  ", "\n");
    String generated =
        JsonMapper.builder()
                .enable(SerializationFeature.INDENT_OUTPUT)
                .defaultPrettyPrinter(
                    new DefaultPrettyPrinter().withObjectIndenter(lines).withArrayIndenter(lines))
                .build()
                .writeValueAsString(OpenApiDocument.generate())
            + "\n";
    if (WRITE) {
      Files.writeString(DOCUMENT, generated);
    }

    assertThat(Files.readString(DOCUMENT)).isEqualTo(generated);
  }
}
