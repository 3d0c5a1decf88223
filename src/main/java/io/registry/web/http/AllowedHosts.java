package io.registry.web.http;

import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/** The host names by which clients may reach the registry ({@code registry.allowed-hosts}). */
public final class AllowedHosts {
  private static final String ANY = "*";
  private static final String ANY_BELOW = "*.";
  private static final Pattern LOOPBACK =
      Pattern.compile("localhost|127(?:\\.[0-9]{1,3}){3}|\\[(?:::1|0:0:0:0:0:0:0:1)]");

  private final List<String> entries;

  /**
   * Parses the names.
   *
   * @param entries {@code host} for that host at any port, {@code host:port}, {@code *.domain} for
   *     every host below it, or {@code *}
   * @throws IllegalArgumentException when an entry has none of these forms
   */
  public AllowedHosts(List<String> entries) {
    this.entries = entries.stream().map(entry -> entry.toLowerCase(Locale.ROOT)).toList();
    for (String entry : this.entries) {
      if (!entry.equals(ANY) && HostAndPort.parse(host(entry)).isEmpty()) {
        throw new IllegalArgumentException(
            "registry.allowed-hosts must be hosts such as registry.example.com:5000 or"
                + " *.example.com, not "
                + entry);
      }
    }
  }

  /** Whether the setting is empty. */
  public boolean isEmpty() {
    return entries.isEmpty();
  }

  /**
   * Whether a host is the client's own machine, at any port. A client that is told this name sends
   * nothing to another machine; and a container does not know at which port it is published.
   */
  public static boolean isLoopback(HostAndPort asked) {
    return LOOPBACK.matcher(asked.host()).matches();
  }

  /** Whether clients may be told to use the host. */
  public boolean contains(HostAndPort asked) {
    return entries.stream().anyMatch(entry -> matches(entry, asked));
  }

  private static boolean matches(String entry, HostAndPort asked) {
    if (entry.equals(ANY)) {
      return true;
    }
    boolean below = entry.startsWith(ANY_BELOW);
    return HostAndPort.parse(host(entry))
        .filter(
            allowed ->
                below
                    ? asked.host().endsWith("." + allowed.host())
                    : asked.host().equals(allowed.host()))
        .filter(allowed -> allowed.port().isEmpty() || allowed.port().equals(asked.port()))
        .isPresent();
  }

  private static String host(String entry) {
    return entry.startsWith(ANY_BELOW) ? entry.substring(ANY_BELOW.length()) : entry;
  }
}
