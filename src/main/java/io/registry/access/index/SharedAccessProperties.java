package io.registry.access.index;

import io.registry.content.repository.NamePattern;
import java.util.List;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Settings for registries whose users are in a file and share the repositories, with {@code
 * registry.index.mode=embedded}.
 *
 * @param htpasswd file with the names and bcrypt hashes of the users, as {@code htpasswd -B} writes
 *     it; the registry reads it again when it changes. Empty means that the registry or a directory
 *     knows the passwords.
 * @param rules who of them may do what; without a rule, each may read, write and remove everything
 */
@ConfigurationProperties("registry.access")
public record SharedAccessProperties(
    @DefaultValue("") String htpasswd, @DefaultValue List<Rule> rules) {

  /** Keeps a copy of the rules. */
  public SharedAccessProperties {
    rules = List.copyOf(rules);
  }

  /** Whether the users are in a file. */
  public boolean isOn() {
    return !htpasswd.isBlank();
  }

  /**
   * A rule.
   *
   * @param repositories pattern of the repositories that it is about
   * @param users the users that it is about; when empty, all of the file
   * @param rights what they may do: READ, WRITE (which includes reading), or ADMIN (which includes
   *     everything)
   */
  public record Rule(
      String repositories, @DefaultValue List<String> users, @DefaultValue("WRITE") Role rights) {

    /**
     * Validates the pattern.
     *
     * @throws IllegalArgumentException when it is empty
     */
    public Rule {
      users = List.copyOf(users);
      if (repositories == null || repositories.isBlank()) {
        throw new IllegalArgumentException(
            "registry.access.rules[].repositories must be a pattern, such as team/* or *");
      }
    }

    NamePattern pattern() {
      return new NamePattern(repositories);
    }

    boolean isAbout(String user) {
      return users.isEmpty() || users.contains(user);
    }
  }
}
