package io.registry.web.v1;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.registry.testkit.RegistryServer;
import io.registry.testkit.TestClient;
import io.registry.testkit.TestClient.Answer;
import io.registry.testkit.TestImage;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The nginx of docs/storage.md in front of a local store sends the layers itself. */
@Tag("external")
class NginxHttpTest {
  private static final int LAYER = 200_000;

  @Test
  void nginxSendsTheLayersThatTheRegistryAllows(@TempDir Path store, @TempDir Path folder)
      throws Exception {
    assumeTrue(isInstalled(), "there is no nginx on this machine");
    byte[] layer = new byte[LAYER];
    new Random(LAYER).nextBytes(layer);
    try (RegistryServer server =
            RegistryServer.start(store, "--registry.storage.local.accel-redirect=/_layers");
        Nginx nginx = new Nginx(folder, server.port(), store)) {
      TestClient client = new TestClient(nginx.port);
      TestImage image = TestImage.of("image", "", layer).push(client);
      TestImage unfinished = TestImage.of("unfinished", image.id(), layer);
      assertThat(unfinished.putJson(client).status()).isEqualTo(200);
      assertThat(unfinished.putLayer(client).status()).isEqualTo(200);

      assertThat(client.get(image.path("layer")).bytes()).isEqualTo(layer);
      assertThat(client.get(image.path("layer")).header("Content-Type"))
          .isEqualTo("application/octet-stream");
      // As daemons go on with a download: one byte too many, and then past the end.
      Answer rest = client.get(image.path("layer"), "Range", "bytes=150000-" + LAYER);
      assertThat(rest.status()).isEqualTo(206);
      assertThat(rest.bytes()).isEqualTo(Arrays.copyOfRange(layer, 150_000, LAYER));
      Answer past = client.get(image.path("layer"), "Range", "bytes=200000-200000");
      assertThat(past.status()).isEqualTo(416);
      assertThat(past.header("Content-Length")).isEqualTo("0");
      Answer head = client.head(image.path("layer"));
      assertThat(head.header("Content-Length")).isEqualTo("200000");
      assertThat(head.header("Accept-Ranges")).isEqualTo("bytes");
      assertThat(client.get(image.path("json")).bytes()).isEqualTo(image.json());
      assertThat(client.get(unfinished.path("layer")).status()).isEqualTo(400);
      assertThat(client.get("/_layers/images/" + image.id() + "/layer").status()).isEqualTo(404);
    }
  }

  private static boolean isInstalled() throws InterruptedException {
    try {
      return new ProcessBuilder("nginx", "-v").redirectErrorStream(true).start().waitFor() == 0;
    } catch (IOException e) {
      return false;
    }
  }

  private static final class Nginx implements AutoCloseable {
    private final Process process;
    private final int port;

    Nginx(Path folder, int registry, Path store) throws Exception {
      try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
        port = free.getLocalPort();
      }
      Path configuration = folder.resolve("nginx.conf");
      String user = System.getProperty("user.name").equals("root") ? "user root;" : "";
      Files.writeString(
          configuration,
          """
          %s
          daemon off;
          pid %s/nginx.pid;
          error_log stderr warn;
          events {}
          http {
            access_log off;
            client_body_temp_path %s/body;
            proxy_temp_path %s/proxy;
            fastcgi_temp_path %s/fastcgi;
            uwsgi_temp_path %s/uwsgi;
            scgi_temp_path %s/scgi;
            server {
              listen 127.0.0.1:%d;
              location / {
                proxy_pass http://127.0.0.1:%d;
                proxy_set_header Host $http_host;
                proxy_set_header X-Forwarded-For $remote_addr;
                client_max_body_size 0;
                proxy_request_buffering off;
              }
              location /_layers/ {
                internal;
                alias %s/;
              }
            }
          }
          """
              .formatted(
                  user, folder, folder, folder, folder, folder, folder, port, registry, store),
          StandardCharsets.UTF_8);
      process =
          new ProcessBuilder("nginx", "-p", folder.toString(), "-c", configuration.toString())
              .redirectErrorStream(true)
              .redirectOutput(folder.resolve("log").toFile())
              .start();
      awaitPort(folder);
    }

    private void awaitPort(Path folder) throws Exception {
      for (int attempt = 0; attempt < 200; attempt++) {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
          return;
        } catch (IOException e) {
          if (process.waitFor(50, TimeUnit.MILLISECONDS)) {
            break;
          }
        }
      }
      throw new IOException("nginx did not start: " + Files.readString(folder.resolve("log")));
    }

    @Override
    public void close() throws InterruptedException {
      process.destroy();
      process.waitFor();
    }
  }
}
