package io.registry.storage.gcs;

import com.google.api.client.googleapis.batch.BatchRequest;
import com.google.api.client.googleapis.services.json.AbstractGoogleJsonClientRequest;
import com.google.api.client.http.AbstractInputStreamContent;
import com.google.api.client.http.GenericUrl;
import com.google.api.client.http.HttpRequest;
import com.google.api.client.http.HttpRequestFactory;
import com.google.api.client.http.HttpRequestInitializer;
import com.google.api.client.http.HttpResponse;
import com.google.api.client.http.HttpTransport;
import com.google.api.client.http.apache.v2.ApacheHttpTransport;
import com.google.api.client.json.JsonObjectParser;
import com.google.api.client.json.gson.GsonFactory;
import com.google.api.client.util.escape.CharEscapers;
import com.google.api.services.storage.Storage;
import com.google.api.services.storage.model.StorageObject;
import com.google.auth.http.HttpCredentialsAdapter;
import com.google.auth.oauth2.GoogleCredentials;
import io.registry.platform.trace.Traces;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.apache.http.HttpRequestInterceptor;
import org.apache.http.config.RegistryBuilder;
import org.apache.http.conn.socket.ConnectionSocketFactory;
import org.apache.http.conn.socket.PlainConnectionSocketFactory;
import org.apache.http.conn.ssl.SSLConnectionSocketFactory;
import org.apache.http.impl.client.HttpClientBuilder;
import org.apache.http.impl.conn.PoolingHttpClientConnectionManager;

/**
 * Sends requests to the service. It uses the JSON client below the high-level library, because that
 * library treats a missing bucket as a missing object, buffers uploads in memory and cannot cancel
 * them. This class does not retry.
 */
final class GcsClient implements AutoCloseable {
  private static final String ENDPOINT = "https://storage.googleapis.com";

  /** A slow reader occupies a connection, so that only the server's limits bound their number. */
  private static final int MAX_CONNECTIONS = 10_000;

  /** Less than the minutes after which firewalls and load balancers drop idle connections. */
  private static final int IDLE_SECONDS = 60;

  private final PoolingHttpClientConnectionManager connections = newConnections();
  private final Deadlines deadlines;
  private final HttpTransport transport;
  private final HttpRequestInitializer initializer;
  private final HttpRequestFactory requests;
  private final Storage storage;
  private final String bucket;
  private final String kmsKey;

  GcsClient(GcsStorageProperties gcs, Optional<GoogleCredentials> credentials, Traces traces) {
    this.bucket = gcs.bucket();
    this.kmsKey = gcs.kmsKey();
    this.deadlines = new Deadlines(gcs.callTimeout());
    this.transport = newTransport(connections, deadlines, traces);
    this.initializer = initializer(gcs, credentials);
    this.requests = transport.createRequestFactory(initializer);
    this.storage =
        new Storage.Builder(transport, GsonFactory.getDefaultInstance(), initializer)
            .setRootUrl(endpoint(gcs) + "/")
            .setApplicationName("registry")
            .build();
  }

  /** The URL of the service, without a trailing slash. */
  static String endpoint(GcsStorageProperties gcs) {
    return gcs.endpoint().isEmpty() ? ENDPOINT : gcs.endpoint().replaceFirst("/+$", "");
  }

  /** The number of connections in use. */
  int busyConnections() {
    return connections.getTotalStats().getLeased();
  }

  String bucket() {
    return bucket;
  }

  Storage.Objects.Get get(String name) throws IOException {
    return storage.objects().get(bucket, name);
  }

  Storage.Objects.List list(String prefix) throws IOException {
    return storage.objects().list(bucket).setPrefix(prefix);
  }

  Storage.Objects.Rewrite rewrite(String from, String to) throws IOException {
    Storage.Objects.Rewrite rewrite =
        storage.objects().rewrite(bucket, from, bucket, to, new StorageObject());
    if (!kmsKey.isEmpty()) {
      rewrite.setDestinationKmsKeyName(kmsKey);
    }
    return rewrite;
  }

  Storage.Objects.Delete delete(String name) throws IOException {
    return storage.objects().delete(bucket, name);
  }

  /**
   * Sends a request, and reads its answer.
   *
   * @throws IOException with the whole body of a refusal, of which the JSON client keeps only what
   *     has the form of the service
   */
  static <T> T ask(AbstractGoogleJsonClientRequest<T> request) throws IOException {
    HttpResponse response = execute(request);
    try {
      return response.parseAs(request.getResponseClass());
    } finally {
      response.ignore();
    }
  }

  /**
   * Sends a request whose answer says nothing.
   *
   * @return true
   * @throws IOException as {@link #ask}
   */
  static boolean send(AbstractGoogleJsonClientRequest<Void> request) throws IOException {
    execute(request).ignore();
    return true;
  }

  private static HttpResponse execute(AbstractGoogleJsonClientRequest<?> request)
      throws IOException {
    HttpResponse response =
        request.buildHttpRequest().setThrowExceptionOnExecuteError(false).execute();
    if (response.isSuccessStatusCode()) {
      return response;
    }
    try {
      throw GcsFailures.answered(response);
    } finally {
      response.ignore();
    }
  }

  /**
   * Deletes one generation of an object, and no later one.
   *
   * @return whether it existed
   */
  boolean deleteGeneration(String name, Long generation) throws IOException {
    try {
      return send(delete(name).setGeneration(generation));
    } catch (IOException e) {
      if (GcsFailures.isAbsence(e)) {
        return false;
      }
      throw e;
    }
  }

  /** An upload in one request. */
  Storage.Objects.Insert insert(NewObject object, AbstractInputStreamContent content)
      throws IOException {
    Storage.Objects.Insert insert =
        storage.objects().insert(bucket, object.metadata(), content).setName(object.name());
    insert.setDisableGZipContent(true);
    insert.getMediaHttpUploader().setDirectUploadEnabled(true);
    if (!kmsKey.isEmpty()) {
      insert.setKmsKeyName(kmsKey);
    }
    return insert;
  }

  /** The URL at which a resumable upload is started. */
  GenericUrl sessions(boolean mustBeAbsent) {
    GenericUrl url =
        new GenericUrl(
            storage.getRootUrl()
                + "upload/storage/v1/b/"
                + CharEscapers.escapeUriPath(bucket)
                + "/o");
    url.set("uploadType", "resumable");
    if (mustBeAbsent) {
      url.set("ifGenerationMatch", "0");
    }
    if (!kmsKey.isEmpty()) {
      url.set("kmsKeyName", kmsKey);
    }
    return url;
  }

  BatchRequest batch() {
    return storage.batch(initializer);
  }

  /** Sends requests for which the JSON client has no methods; error statuses do not throw. */
  HttpRequestFactory requests() {
    return requests;
  }

  @Override
  public void close() {
    deadlines.close();
    try {
      transport.shutdown();
    } catch (IOException e) {
      throw new IllegalStateException("the connections could not be closed", e);
    }
  }

  private static PoolingHttpClientConnectionManager newConnections() {
    PoolingHttpClientConnectionManager connections =
        new PoolingHttpClientConnectionManager(
            RegistryBuilder.<ConnectionSocketFactory>create()
                .register("http", PlainConnectionSocketFactory.getSocketFactory())
                .register("https", SSLConnectionSocketFactory.getSystemSocketFactory())
                .build());
    connections.setMaxTotal(MAX_CONNECTIONS);
    connections.setDefaultMaxPerRoute(MAX_CONNECTIONS);
    return connections;
  }

  private static HttpTransport newTransport(
      PoolingHttpClientConnectionManager connections, Deadlines deadlines, Traces traces) {
    // The JDK's HTTP client silently repeats some requests, so this one is used.
    HttpClientBuilder client =
        HttpClientBuilder.create()
            .useSystemProperties()
            .setConnectionManager(connections)
            .setRequestExecutor(deadlines)
            .addInterceptorLast(new CutOnClose())
            .evictIdleConnections(IDLE_SECONDS, TimeUnit.SECONDS)
            .disableAutomaticRetries()
            .disableRedirectHandling()
            .disableCookieManagement()
            .disableAuthCaching()
            .disableContentCompression();
    if (!traces.equals(Traces.NONE)) {
      client.addInterceptorLast(
          (HttpRequestInterceptor)
              (request, context) -> traces.headers().forEach(request::setHeader));
    }
    return new ApacheHttpTransport(client.build());
  }

  private static HttpRequestInitializer initializer(
      GcsStorageProperties gcs, Optional<GoogleCredentials> credentials) {
    Optional<HttpCredentialsAdapter> signIn = credentials.map(HttpCredentialsAdapter::new);
    return request -> {
      if (signIn.isPresent()) {
        signIn.get().initialize(request);
      }
      setTimeouts(request, gcs.connectTimeout(), gcs.readTimeout());
      request.setParser(new JsonObjectParser(GsonFactory.getDefaultInstance()));
    };
  }

  static void setTimeouts(HttpRequest request, Duration connect, Duration read) {
    request.setConnectTimeout((int) connect.toMillis());
    request.setReadTimeout((int) read.toMillis());
  }
}
