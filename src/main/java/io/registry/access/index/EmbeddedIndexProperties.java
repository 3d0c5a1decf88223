package io.registry.access.index;

import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotNull;
import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * Settings of the index in this process, with {@code registry.index.mode=embedded}.
 *
 * @param tokenLifetime how long a token is valid, 1 minute to 7 days. A pull or push that takes
 *     longer has to start again.
 * @param keyRotation how long a key signs new tokens, at least 1 hour. Tokens that it signed stay
 *     valid.
 * @param keySecret text that encrypts these keys in the database, at least 32 characters that
 *     cannot be guessed, the same for all processes; when empty, the keys are not encrypted
 * @param defaultVisibility visibility of a repository that is pushed for the first time
 * @param registration whether any client may create an account, as {@code docker login} of old
 *     daemons does
 * @param shortestPassword smallest number of characters of a new password, 8 to 64
 * @param admin the account that is created when there is no admin
 */
@Validated
@ConfigurationProperties("registry.index")
public record EmbeddedIndexProperties(
    @DefaultValue("12h") @NotNull Duration tokenLifetime,
    @DefaultValue("30d") @NotNull Duration keyRotation,
    @DefaultValue("") @NotNull String keySecret,
    @DefaultValue("private") @NotNull Visibility defaultVisibility,
    @DefaultValue("false") boolean registration,
    @DefaultValue("8") @Min(8) @Max(64) int shortestPassword,
    @DefaultValue @NotNull Admin admin) {
  static final Duration LONGEST_TOKEN_LIFETIME = Duration.ofDays(7);
  private static final Duration SHORTEST_TOKEN_LIFETIME = Duration.ofMinutes(1);
  private static final int SHORTEST_SECRET = 32;
  private static final Duration SHORTEST_KEY_ROTATION = Duration.ofHours(1);

  /**
   * Validates the durations.
   *
   * @throws IllegalArgumentException when one is out of range
   */
  public EmbeddedIndexProperties {
    require(
        "token-lifetime",
        tokenLifetime,
        tokenLifetime.compareTo(SHORTEST_TOKEN_LIFETIME) >= 0
            && tokenLifetime.compareTo(LONGEST_TOKEN_LIFETIME) <= 0,
        "1m to 7d");
    require(
        "key-rotation",
        keyRotation,
        keyRotation.compareTo(SHORTEST_KEY_ROTATION) >= 0,
        "1h or more");
    if (!keySecret.isEmpty() && keySecret.length() < SHORTEST_SECRET) {
      throw new IllegalArgumentException(
          "registry.index.key-secret must have at least " + SHORTEST_SECRET + " characters");
    }
  }

  /** Omits the secrets. */
  @Override
  public String toString() {
    return "EmbeddedIndexProperties[" + admin + "]";
  }

  private static void require(String name, Duration value, boolean valid, String allowed) {
    if (!valid) {
      throw new IllegalArgumentException(
          "registry.index.%s must be %s, not %s".formatted(name, allowed, value));
    }
  }

  /**
   * The account that is created when there is no admin.
   *
   * @param name its name
   * @param password its password. If empty, the registry generates one, prints it once, and
   *     requires that it is changed.
   */
  public record Admin(@DefaultValue("admin") String name, @DefaultValue("") String password) {

    /** Omits the password. */
    @Override
    public String toString() {
      return "Admin[" + name + "]";
    }
  }
}
