package io.registry.testkit;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Supplier;

/** Sends requests to a registry on this machine. */
public final class TestClient {
  private static final HttpClient HTTP =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  private final int port;

  /** A client of the server at that port of 127.0.0.1. */
  public TestClient(int port) {
    this.port = port;
  }

  public int port() {
    return port;
  }

  public Answer get(String path, String... headers) {
    return send("GET", path, BodyPublishers.noBody(), headers);
  }

  public Answer head(String path, String... headers) {
    return send("HEAD", path, BodyPublishers.noBody(), headers);
  }

  public Answer delete(String path, String... headers) {
    return send("DELETE", path, BodyPublishers.noBody(), headers);
  }

  /** PUT of a body with Content-Length. */
  public Answer put(String path, byte[] body, String... headers) {
    return send("PUT", path, BodyPublishers.ofByteArray(body), headers);
  }

  /** PUT of a text in UTF-8 with Content-Length. */
  public Answer put(String path, String body, String... headers) {
    return put(path, body.getBytes(StandardCharsets.UTF_8), headers);
  }

  /** PUT of a chunked body. */
  public Answer putChunked(String path, Supplier<InputStream> body, String... headers) {
    return send("PUT", path, BodyPublishers.ofInputStream(body), headers);
  }

  public Answer post(String path, String body, String... headers) {
    return send("POST", path, BodyPublishers.ofString(body), headers);
  }

  /** Any request; headers are names and values in turn. */
  public Answer send(String method, String path, BodyPublisher body, String... headers) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path)).method(method, body);
    if (headers.length > 0) {
      request.headers(headers);
    }
    try {
      HttpResponse<byte[]> response = HTTP.send(request.build(), BodyHandlers.ofByteArray());
      return new Answer(response);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** An answer, read to its end. */
  public static final class Answer {
    private final HttpResponse<byte[]> response;

    private Answer(HttpResponse<byte[]> response) {
      this.response = response;
    }

    public int status() {
      return response.statusCode();
    }

    public byte[] bytes() {
      return response.body();
    }

    public String text() {
      return new String(response.body(), StandardCharsets.UTF_8);
    }

    /** The first value of a header, or an empty text when it is absent. */
    public String header(String name) {
      return response.headers().firstValue(name).orElse("");
    }

    public List<String> headers(String name) {
      return response.headers().allValues(name);
    }

    @Override
    public String toString() {
      return status() + " " + text();
    }
  }
}
