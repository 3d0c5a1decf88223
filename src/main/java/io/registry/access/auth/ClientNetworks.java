package io.registry.access.auth;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.HexFormat;

/** Groups client addresses by network, for counting requests. */
public final class ClientNetworks {
  private static final int PREFIX_BYTES = 8;
  private static final int MAX_LENGTH = 64;

  private ClientNetworks() {}

  /**
   * The key for counting: an IPv4 address as it is, or the first 64 bits of an IPv6 address,
   * because each customer has at least one such network.
   *
   * @param address the address of a client, as the server knows it; behind a proxy it may be any
   *     text
   */
  public static String of(String address) {
    int colon = address.indexOf(':');
    if (colon < 0) {
      return clip(address);
    }
    if (colon == address.lastIndexOf(':')) {
      // Some proxies name the port, which differs for each connection.
      return clip(address.substring(0, colon));
    }
    try {
      // With brackets it is never looked up as a host name.
      InetAddress parsed = InetAddress.getByName("[" + address.replaceFirst("%.*", "") + "]");
      return parsed instanceof Inet6Address
          ? HexFormat.of().formatHex(parsed.getAddress(), 0, PREFIX_BYTES) + "/64"
          : parsed.getHostAddress();
    } catch (UnknownHostException e) {
      return clip(address);
    }
  }

  private static String clip(String text) {
    return text.substring(0, Math.min(text.length(), MAX_LENGTH));
  }
}
