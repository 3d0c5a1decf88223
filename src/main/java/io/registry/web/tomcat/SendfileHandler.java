package io.registry.web.tomcat;

import org.apache.tomcat.util.net.AbstractEndpoint.Handler;
import org.apache.tomcat.util.net.NioChannel;
import org.apache.tomcat.util.net.NioEndpoint.NioSocketWrapper;
import org.apache.tomcat.util.net.SendfileDataBase;
import org.apache.tomcat.util.net.SendfileKeepAliveState;
import org.apache.tomcat.util.net.SocketEvent;
import org.apache.tomcat.util.net.SocketWrapperBase;

/**
 * Handles connections like Tomcat, and releases the buffers of a request as soon as only its file
 * is left to send. Tomcat keeps these 80 KiB or so until the client has read the last byte.
 */
final class SendfileHandler implements Handler<NioChannel> {
  private final Handler<NioChannel> handler;

  /**
   * Creates a handler.
   *
   * @param handler Tomcat's own
   */
  SendfileHandler(Handler<NioChannel> handler) {
    this.handler = handler;
  }

  @Override
  public SocketState process(SocketWrapperBase<NioChannel> connection, SocketEvent event) {
    SocketState state = handler.process(connection, event);
    if (state == SocketState.SENDFILE && isFileAllThereIs(connection)) {
      handler.release(connection);
    }
    return state;
  }

  // With HTTP pipelining, the buffers may contain the next request and must not be released. When
  // the file has been sent already, it is not known whether they do.
  private static boolean isFileAllThereIs(SocketWrapperBase<NioChannel> connection) {
    if (!(connection instanceof NioSocketWrapper socket)) {
      return false;
    }
    SendfileDataBase file = socket.getSendfileData();
    return file != null && file.keepAliveState != SendfileKeepAliveState.PIPELINED;
  }

  @Override
  public Object getGlobal() {
    return handler.getGlobal();
  }

  @Override
  public void release(SocketWrapperBase<NioChannel> connection) {
    handler.release(connection);
  }

  @Override
  public void pause() {
    handler.pause();
  }

  @Override
  public void recycle() {
    handler.recycle();
  }
}
