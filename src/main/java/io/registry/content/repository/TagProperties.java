package io.registry.content.repository;

import java.util.List;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Settings of tags.
 *
 * @param immutable rules for tags that may neither be moved nor removed once they are set
 */
@ConfigurationProperties("registry.tags")
public record TagProperties(@DefaultValue List<Immutable> immutable) {

  /**
   * A rule for immutable tags.
   *
   * @param repositories patterns of repositories, each {@code namespace/name}; when empty, all
   * @param tags patterns of tags; when empty, all
   * @param except patterns of tags that are exempt from the rule
   */
  public record Immutable(
      @DefaultValue List<String> repositories,
      @DefaultValue List<String> tags,
      @DefaultValue List<String> except) {}
}
