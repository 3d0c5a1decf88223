package io.registry.web.http;

import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A host name or address with an optional port.
 *
 * @param host a name or an address in lower case, an IPv6 address in brackets
 * @param port the port, if there is one
 */
public record HostAndPort(String host, OptionalInt port) {
  private static final Pattern FORM =
      Pattern.compile(
          "([A-Za-z0-9](?:[A-Za-z0-9_-]|\\.(?=[A-Za-z0-9]))*|\\[[0-9A-Fa-f:.]{2,45}])(?::([0-9]{1,5}))?");

  private static final int MAX_LENGTH = 255;
  private static final int MAX_PORT = 65_535;

  /** Parses {@code host[:port]}; empty when the text is not of that form. */
  public static Optional<HostAndPort> parse(String text) {
    Matcher form = FORM.matcher(text);
    if (text.length() > MAX_LENGTH || !form.matches()) {
      return Optional.empty();
    }
    OptionalInt port =
        form.group(2) == null
            ? OptionalInt.empty()
            : OptionalInt.of(Integer.parseInt(form.group(2)));
    return port.isPresent() && (port.getAsInt() < 1 || port.getAsInt() > MAX_PORT)
        ? Optional.empty()
        : Optional.of(new HostAndPort(form.group(1).toLowerCase(Locale.ROOT), port));
  }
}
