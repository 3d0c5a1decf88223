package io.registry;

import io.registry.service.ManifestPush;
import java.util.List;
import java.util.Map;
import org.springframework.boot.ApplicationRunner;
import org.springframework.boot.Banner;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.LifecycleProcessor;
import org.springframework.context.support.AbstractApplicationContext;
import org.springframework.core.env.MapPropertySource;

/**
 * The registry with all its parts, which does not listen and does no work of its own: for commands
 * that read and write images by the rules of the registry.
 */
final class IdleRegistry {
  /** Nothing waits for a layer. */
  private static final String NO_HURRY = "365d";

  /** What a server does, and a command does not. */
  private static final Map<String, Object> OVERRIDES =
      Map.of(
          "logging.file.name", "",
          "registry.access-log.format", "none",
          "registry.v2.enabled", "true",
          "registry.v2.backfill", "false",
          "registry.v2.patience", NO_HURRY,
          "registry.contents.limits.time", NO_HURRY);

  private IdleRegistry() {}

  /**
   * Opens the registry.
   *
   * @param settings its settings, as options
   * @return the registry, which the caller closes
   */
  static ConfigurableApplicationContext open(List<String> settings) {
    SpringApplication application = new SpringApplication(RegistryApplication.class);
    application.setLogStartupInfo(false);
    application.setBannerMode(Banner.Mode.OFF);
    // The HTTP server is most of what starts, and no command uses it.
    application.setLazyInitialization(true);
    // With this profile the drivers leave what others have begun as it is.
    application.setAdditionalProfiles("check");
    application.addInitializers(
        context -> {
          context
              .getEnvironment()
              .getPropertySources()
              .addFirst(new MapPropertySource("idle", OVERRIDES));
          context
              .getBeanFactory()
              .registerSingleton(
                  AbstractApplicationContext.LIFECYCLE_PROCESSOR_BEAN_NAME, new Idle());
          // What cannot be opened is found out here, and said as at the start of a server.
          context
              .getBeanFactory()
              .registerSingleton("opening", (ApplicationRunner) any -> open(context));
        });
    return application.run(settings.toArray(String[]::new));
  }

  private static void open(ConfigurableApplicationContext registry) {
    registry.getBean(ManifestPush.class);
  }

  /** Starts nothing: no connector, and no worker. */
  private static final class Idle implements LifecycleProcessor {
    @Override
    public void onRefresh() {}

    @Override
    public void onClose() {}

    @Override
    public void start() {}

    @Override
    public void stop() {}

    @Override
    public boolean isRunning() {
      return false;
    }
  }
}
