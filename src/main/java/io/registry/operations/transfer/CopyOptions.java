package io.registry.operations.transfer;

import io.registry.bridge.ServedNames;
import io.registry.content.walk.ReadRate;
import io.registry.operations.command.CommandLine;
import io.registry.operations.command.CommandLine.Syntax;
import io.registry.operations.command.MisuseException;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What the command line of {@link CopyCommand} says.
 *
 * @param selection the images
 * @param pulls whether they come from the other registry
 * @param replaces whether tags here that name other images are moved
 * @param url the other registry as it was written
 * @param base its URL without a path
 * @param prefix what the names begin with there; empty, or with a slash at the end
 * @param parallel how many images, and how many blobs, are copied at the same time
 * @param rate how much is carried in a second
 * @param credentials the file with the login; empty for those of Docker and podman
 * @param bundle the SSL bundle; empty for the certificates of Java
 * @param dryRun whether nothing is written
 * @param report where the JSON lines go
 * @param settings settings of the registry
 */
record CopyOptions(
    ImageSelection selection,
    boolean pulls,
    boolean replaces,
    String url,
    URI base,
    String prefix,
    int parallel,
    Optional<ReadRate> rate,
    Optional<Path> credentials,
    String bundle,
    boolean dryRun,
    Optional<String> report,
    List<String> settings) {
  private static final String DRY_RUN = "--dry-run";
  private static final String ALL = "--all";
  private static final String TO = "--to";
  private static final String FROM = "--from";
  private static final String REPLACE = "--replace";
  private static final String REPORT = "--report";
  private static final String PARALLEL = "--parallel";
  private static final String RATE = "--rate";
  private static final String CREDENTIALS = "--credentials";
  private static final String BUNDLE = "--ssl-bundle";
  private static final String CERTIFICATES = "--cacert";

  /** The SSL bundle that is made of {@link #CERTIFICATES}. */
  private static final String OWN_BUNDLE = "copy-cacert";

  private static final int USUAL_PARALLEL = 4;
  private static final int MAX_PARALLEL = 64;

  static final String USAGE =
      """
      Usage: java -jar registry.jar copy IMAGE... --to URL [OPTION]... [--SETTING=VALUE]...
             java -jar registry.jar copy IMAGE... --from URL [OPTION]... [--SETTING=VALUE]...
      Pushes images to another registry over V2, or pulls them from it. Skips what is there, and
      reads back what each tag names afterwards. IMAGE is REPOSITORY or REPOSITORY:TAG, where * and ?
      stand for others: 'team/*'. Settings are those of the registry. An interrupted copy goes on
      when it is started again.

        --to URL              such as https://registry.example/prefix; the prefix may be missing
        --from URL            the same; the images get their names without the prefix
        --all                 all images
        --replace             with --from: move tags that name other images; they stay otherwise
        --parallel=N          so many images and so many blobs at the same time (default: 4)
        --rate=SIZE           carry at most so many bytes of layers in a second, such as 50MB
        --credentials=FILE    a file as `docker login` and `podman login` write it
                              (default: where they write it)
        --cacert=FILE         trust the certificates in FILE (PEM) instead of those of Java
        --ssl-bundle=NAME     the certificates to trust and to show: spring.ssl.bundle in the settings
        --dry-run             write nothing; say what would be copied
        --report=FILE         write JSON lines to FILE, or to the standard output with -

      Exit status: 0 all images are there, 1 some are not, 2 wrong use,
      3 the copy could not be finished.
      """;

  static final Syntax SYNTAX =
      new Syntax(
          true,
          Set.of(DRY_RUN, ALL, REPLACE),
          Set.of(TO, FROM, REPORT, PARALLEL, RATE, CREDENTIALS, BUNDLE, CERTIFICATES));

  /**
   * Reads a command line.
   *
   * @throws MisuseException when it makes no sense
   */
  static CopyOptions of(CommandLine line) {
    ImageSelection selection = ImageSelection.of(line.words(), line.has(ALL));
    Optional<String> from = line.value(FROM);
    if (from.isPresent() == line.value(TO).isPresent()) {
      throw new MisuseException("Say --to or --from");
    }
    if (line.has(REPLACE) && from.isEmpty()) {
      throw new MisuseException("--replace is for --from: tags there are always moved");
    }
    if (line.value(BUNDLE).isPresent() && line.value(CERTIFICATES).isPresent()) {
      throw new MisuseException("--ssl-bundle has its own certificates");
    }
    String other = from.or(() -> line.value(TO)).orElseThrow();
    URI url = url(other);
    return new CopyOptions(
        selection,
        from.isPresent(),
        line.has(REPLACE),
        other,
        URI.create(url.getScheme() + "://" + url.getRawAuthority()),
        prefix(url),
        line.number(PARALLEL, USUAL_PARALLEL, MAX_PARALLEL),
        line.size(RATE).map(ReadRate::new),
        line.value(CREDENTIALS).map(Path::of),
        line.value(CERTIFICATES).map(file -> OWN_BUNDLE).or(() -> line.value(BUNDLE)).orElse(""),
        line.has(DRY_RUN),
        line.value(REPORT),
        settings(line));
  }

  private static List<String> settings(CommandLine line) {
    List<String> settings = new ArrayList<>(line.settings());
    line.value(CERTIFICATES)
        .ifPresent(
            file ->
                settings.add(
                    "--spring.ssl.bundle.pem.%s.truststore.certificate=file:%s"
                        .formatted(OWN_BUNDLE, Path.of(file).toAbsolutePath())));
    return settings;
  }

  // Passwords in URLs end up in logs and reports.
  private static URI url(String text) {
    try {
      URI url = URI.create(text);
      if (url.getHost() != null
          && url.getScheme() != null
          && url.getScheme().matches("https?")
          && url.getRawUserInfo() == null
          && url.getRawQuery() == null
          && url.getRawFragment() == null) {
        return url;
      }
    } catch (IllegalArgumentException e) {
      throw misfit();
    }
    throw misfit();
  }

  private static MisuseException misfit() {
    return new MisuseException(
        "The other registry is a URL such as https://registry.example/prefix, without a password");
  }

  private static String prefix(URI url) {
    String path = url.getPath() == null ? "" : url.getPath().replaceAll("^/+|/+$", "");
    if (!path.isEmpty() && !ServedNames.isName(path)) {
      throw new MisuseException(path + " cannot be the beginning of a name");
    }
    return path.isEmpty() ? "" : path + "/";
  }
}
