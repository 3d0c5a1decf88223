package io.registry.web.http;

import jakarta.servlet.ServletException;
import java.io.IOException;
import java.util.regex.Pattern;
import org.apache.catalina.AccessLog;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ValveBase;

/**
 * Ignores client addresses in proxy headers that are not IP addresses. It follows Tomcat's valve
 * for proxy headers, which accepts any text, so that such text does not get into a log.
 */
public final class ClientAddressValve extends ValveBase {
  private static final Pattern ADDRESS = Pattern.compile("[0-9A-Fa-f:.]{2,45}(%\\w{1,32})?");

  /** Creates the valve. */
  public ClientAddressValve() {
    super(true);
  }

  @Override
  public void invoke(Request request, Response response) throws IOException, ServletException {
    String address = request.getRemoteAddr();
    String peer = request.getPeerAddr();
    if (address == null || !(address.equals(peer) || ADDRESS.matcher(address).matches())) {
      request.setRemoteAddr(peer);
      request.setRemoteHost(peer);
      request.setAttribute(AccessLog.REMOTE_ADDR_ATTRIBUTE, peer);
      request.setAttribute(AccessLog.REMOTE_HOST_ATTRIBUTE, peer);
    }
    getNext().invoke(request, response);
  }
}
