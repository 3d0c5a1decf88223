package io.registry.storage.gcs;

import com.google.auth.oauth2.GoogleCredentials;
import com.google.auth.oauth2.ServiceAccountCredentials;
import io.registry.platform.problem.SetupException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Finds the credentials for the service. */
final class GcsCredentials {
  private static final String SCOPE = "https://www.googleapis.com/auth/devstorage.read_write";

  private GcsCredentials() {}

  /**
   * The key in the configured file if there is one, otherwise the Application Default Credentials.
   *
   * @return empty when there are none and a custom endpoint may not need any, like an emulator
   * @throws SetupException when there are no usable credentials
   */
  static Optional<GoogleCredentials> find(GcsStorageProperties gcs) {
    try {
      GoogleCredentials found =
          gcs.credentialsFile().isEmpty()
              ? GoogleCredentials.getApplicationDefault()
              : read(Path.of(gcs.credentialsFile()));
      return Optional.of(scoped(withoutLongRetries(found)));
    } catch (IOException e) {
      if (gcs.credentialsFile().isEmpty() && !gcs.endpoint().isEmpty()) {
        return Optional.empty();
      }
      throw unusable(gcs, e);
    }
  }

  private static GoogleCredentials read(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      return GoogleCredentials.fromStream(in);
    } catch (IllegalArgumentException e) {
      throw new IOException("it is no JSON of a credential", e);
    }
  }

  // The driver retries itself, with its own time limit.
  private static GoogleCredentials withoutLongRetries(GoogleCredentials credentials) {
    return credentials instanceof ServiceAccountCredentials account
        ? account.createWithCustomRetryStrategy(false)
        : credentials;
  }

  private static GoogleCredentials scoped(GoogleCredentials credentials) {
    return credentials.createScopedRequired() ? credentials.createScoped(SCOPE) : credentials;
  }

  private static SetupException unusable(GcsStorageProperties gcs, IOException cause) {
    if (gcs.credentialsFile().isEmpty()) {
      return new SetupException(
          "registry.storage.gcs.credentials-file is not set, and there are no Application Default"
              + " Credentials",
          "Set registry.storage.gcs.credentials-file to the JSON key of a service account, or the"
              + " environment variable GOOGLE_APPLICATION_CREDENTIALS, or run the registry where"
              + " Google provides credentials.",
          cause);
    }
    return new SetupException(
        "registry.storage.gcs.credentials-file cannot be used: "
            + gcs.credentialsFile()
            + " ("
            + cause.getClass().getSimpleName()
            + ")",
        "Let it name a JSON key of a service account that the registry may read.",
        cause);
  }
}
