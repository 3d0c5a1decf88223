package io.registry.web.v1;

import static org.assertj.core.api.Assertions.assertThat;

import io.registry.testkit.RawConnection;
import io.registry.testkit.RegistryServer;
import io.registry.testkit.TestClient;
import io.registry.testkit.TestImage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** No way of writing a path leads past the question who may. */
class SpellingsHttpTest {
  private static final String REPOSITORY = "/v1/repositories/team/app";
  private static final TestImage IMAGE = TestImage.base("secret", "a layer");

  @TempDir private static Path folder;

  private static RegistryServer server;

  @BeforeAll
  static void start() {
    server =
        RegistryServer.start(
            folder.resolve("store"),
            "--registry.index.mode=embedded",
            "--registry.index.admin.password=battery staple",
            "--spring.datasource.url=jdbc:h2:mem:spellings;MODE=PostgreSQL;DB_CLOSE_DELAY=-1");
    TestClient client = server.client();
    String[] admin = {
      "Authorization",
      "Basic "
          + Base64.getEncoder()
              .encodeToString("admin:battery staple".getBytes(StandardCharsets.UTF_8))
    };
    client.put(REPOSITORY + "/", "[{\"id\": \"%s\"}]".formatted(IMAGE.id()), admin);
    IMAGE.putJson(client, admin);
    IMAGE.putLayer(client, admin);
    IMAGE.putChecksum(client, admin);
    client.put(REPOSITORY + "/tags/v1", "\"" + IMAGE.id() + "\"", admin);
    assertThat(client.get(REPOSITORY + "/tags", admin).status()).isEqualTo(200);
    assertThat(client.get(IMAGE.path("layer"), admin).text()).isEqualTo("a layer");
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @Test
  void nobodyGetsWhatIsPrivateByAnotherSpelling() throws IOException {
    List<String> reached = new ArrayList<>();
    for (String path : List.of(IMAGE.path("layer"), REPOSITORY + "/tags")) {
      for (String spelling : spellings(path)) {
        String answer =
            RawConnection.exchange(
                server.port(),
                "GET " + spelling + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        if (!answer.startsWith("HTTP/1.1 4")) {
          reached.add(spelling + " -> " + answer.lines().findFirst().orElse(""));
        }
      }
    }
    assertThat(reached).isEmpty();
  }

  private static List<String> spellings(String path) {
    List<String> spellings = new ArrayList<>();
    spellings.add(path);
    for (int i = 1; i < path.length(); i++) {
      if (path.charAt(i) == '/') {
        spellings.add(path.substring(0, i) + ";a=b" + path.substring(i));
        spellings.add(path.substring(0, i) + ";" + path.substring(i));
        spellings.add(path.substring(0, i) + "%3Ba" + path.substring(i));
        spellings.add(path.substring(0, i) + "//" + path.substring(i + 1));
        spellings.add(path.substring(0, i) + "/./" + path.substring(i + 1));
        spellings.add(path.substring(0, i) + "/x/../" + path.substring(i + 1));
        spellings.add(path.substring(0, i) + "%2F" + path.substring(i + 1));
        spellings.add(path.substring(0, i) + "%20" + path.substring(i));
      } else {
        spellings.add(
            path.substring(0, i)
                + "%%%02X".formatted((int) path.charAt(i))
                + path.substring(i + 1));
        spellings.add(
            path.substring(0, i)
                + "%%25%02X".formatted((int) path.charAt(i))
                + path.substring(i + 1));
      }
    }
    spellings.add("/" + path);
    spellings.add("//" + path);
    spellings.add("/%2F" + path);
    spellings.add("/." + path);
    spellings.add(path + "/");
    spellings.add(path + ";x");
    spellings.add(path + "%00");
    spellings.add(path + ".json");
    spellings.add(path.toUpperCase(Locale.ROOT));
    spellings.add("http://elsewhere" + path);
    spellings.add(path + "?access=read");
    return spellings;
  }
}
