package io.registry.content.retention;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Settings of the retention of tags.
 *
 * @param schedule when the rules are applied, as a cron expression with seconds; empty for never
 * @param rules which tags are kept; a tag that rules are about and that none of them keeps is
 *     removed
 */
@ConfigurationProperties("registry.retention")
public record RetentionProperties(
    @DefaultValue("") String schedule, @DefaultValue List<Rule> rules) {

  /**
   * A rule. It keeps a tag that meets any of its conditions.
   *
   * @param name the name of the rule in reports
   * @param repositories patterns of the repositories that it is about, each {@code namespace/name};
   *     when empty, all
   * @param tags patterns of the tags that it is about; when empty, all
   * @param except patterns of tags that it is not about
   * @param always whether it keeps all these tags
   * @param newest so many of these tags of a repository are kept, those that were pushed last
   * @param versions so many of these tags of a repository are kept, those with the highest semantic
   *     versions
   * @param expression a regular expression: keeps the tags whose whole name matches
   * @param pushedWithin keeps tags that were pushed in that time; 0 for none
   * @param pulledWithin keeps tags that were pulled in that time; 0 for none
   */
  public record Rule(
      String name,
      @DefaultValue List<String> repositories,
      @DefaultValue List<String> tags,
      @DefaultValue List<String> except,
      @DefaultValue("false") boolean always,
      @DefaultValue("0") int newest,
      @DefaultValue("0") int versions,
      @Nullable Pattern expression,
      @DefaultValue("0s") Duration pushedWithin,
      @DefaultValue("0s") Duration pulledWithin) {

    /** Validates the rule. */
    public Rule {
      if (newest < 0 || versions < 0 || pushedWithin.isNegative() || pulledWithin.isNegative()) {
        throw new IllegalArgumentException("The rule " + name + " has a negative number");
      }
      // A rule without a condition would remove everything that it is about, perhaps by a typo.
      if (!always
          && newest == 0
          && versions == 0
          && expression == null
          && pushedWithin.isZero()
          && pulledWithin.isZero()) {
        throw new IllegalArgumentException(
            "The rule " + name + " keeps nothing: give it a condition such as newest");
      }
    }

    Optional<Pattern> pattern() {
      return Optional.ofNullable(expression);
    }
  }
}
