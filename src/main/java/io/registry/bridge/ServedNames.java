package io.registry.bridge;

import io.registry.content.repository.RepositoryName;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What V2's grammar of names can express (OCI distribution-spec, pulling manifests). V1 allows
 * more.
 */
public final class ServedNames {
  private static final int MAX_NAME = 255;
  private static final String COMPONENT = "[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*+";
  private static final Pattern NAME = Pattern.compile(COMPONENT + "(?:/" + COMPONENT + ")*+");
  private static final Pattern TAG = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9._-]{0,127}");
  private static final String DEFAULT = RepositoryName.DEFAULT_NAMESPACE + "/";

  private ServedNames() {}

  /** Whether V2 has such repository names. */
  public static boolean isName(String name) {
    return name.length() <= MAX_NAME && NAME.matcher(name).matches();
  }

  /** How V2 writes the name of a repository; nothing when it cannot. */
  public static Optional<String> name(RepositoryName repository) {
    String full = repository.toString();
    String name = full.startsWith(DEFAULT) ? full.substring(DEFAULT.length()) : full;
    // Written without its namespace, library/a/b would be the repository b of the namespace a.
    String unique = name.indexOf('/') < 0 ? name : full;
    return Optional.of(unique).filter(ServedNames::isName);
  }

  /** Whether V2 has such tags. */
  public static boolean isTag(String tag) {
    return TAG.matcher(tag).matches();
  }
}
