package io.registry.operations.command;

import io.registry.service.ManifestPush;
import java.util.List;
import java.util.Map;
import org.springframework.boot.ApplicationRunner;
import org.springframework.boot.Banner;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.support.AbstractApplicationContext;
import org.springframework.core.env.MapPropertySource;

/**
 * What a command opens instead of a server: the parts of the registry, which do not listen and do
 * no work of their own.
 */
public final class OfflineRegistry {
  /** The profile of commands. With it the drivers leave what others have begun as it is. */
  public static final String PROFILE = "check";

  /** Nothing waits for a layer. */
  private static final String NO_HURRY = "365d";

  /** What a server does, and a command does not. */
  private static final Map<String, Object> OVERRIDES =
      Map.of(
          "logging.file.name", "",
          "registry.access-log.format", "none",
          "registry.v2.enabled", "true",
          "registry.v2.backfill", "false",
          "registry.check.scrub", "false",
          "registry.v2.patience", NO_HURRY,
          "registry.contents.limits.time", NO_HURRY);

  private final Class<?> configuration;
  private final boolean isWhole;

  private OfflineRegistry(Class<?> configuration, boolean isWhole) {
    this.configuration = configuration;
    this.isWhole = isWhole;
  }

  /**
   * A store and little else.
   *
   * @param configuration names the parts
   */
  public static OfflineRegistry storeOnly(Class<?> configuration) {
    return new OfflineRegistry(configuration, false);
  }

  /**
   * The registry with all its parts, for commands that read and write images by its rules.
   *
   * @param application the class that the server starts with
   */
  public static OfflineRegistry whole(Class<?> application) {
    return new OfflineRegistry(application, true);
  }

  /**
   * Opens it.
   *
   * @param settings settings of the registry, as options
   * @return what is open, which the caller closes
   * @throws SettingsRefusedException when that does not work; the reason was logged
   */
  public ConfigurableApplicationContext open(List<String> settings) {
    SpringApplication application = new SpringApplication(configuration);
    application.setLogStartupInfo(false);
    application.setBannerMode(Banner.Mode.OFF);
    application.setAdditionalProfiles(PROFILE);
    if (isWhole) {
      // The HTTP server is most of what starts, and no command uses it.
      application.setLazyInitialization(true);
      application.addInitializers(OfflineRegistry::quiet);
    } else {
      application.setWebApplicationType(WebApplicationType.NONE);
    }
    try {
      return application.run(settings.toArray(String[]::new));
    } catch (RuntimeException e) {
      throw new SettingsRefusedException(
          "The %s could not be opened with these settings"
              .formatted(isWhole ? "registry" : "store"),
          e);
    }
  }

  private static void quiet(ConfigurableApplicationContext context) {
    context
        .getEnvironment()
        .getPropertySources()
        .addFirst(new MapPropertySource("offline", OVERRIDES));
    context
        .getBeanFactory()
        .registerSingleton(
            AbstractApplicationContext.LIFECYCLE_PROCESSOR_BEAN_NAME, new IdleLifecycle());
    // What cannot be opened is found out here, and said as at the start of a server.
    context
        .getBeanFactory()
        .registerSingleton(
            "opening", (ApplicationRunner) any -> context.getBean(ManifestPush.class));
  }
}
