package io.registry.platform.settings;

import org.springframework.boot.context.properties.source.ConfigurationPropertyName;

/**
 * A property source that has the settings which variables of another registry stand for, so that
 * these variables are not refused as unknown settings.
 */
public interface TranslatedVariables {

  /** Whether a variable was translated, by the name of the setting that it would be here. */
  boolean translates(ConfigurationPropertyName name);
}
