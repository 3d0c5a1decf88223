package io.registry.web.tomcat;

import io.registry.web.http.ReasonPhrase;
import java.lang.reflect.Field;
import java.nio.charset.StandardCharsets;
import org.apache.coyote.Response;
import org.apache.coyote.http11.Http11OutputBuffer;
import org.apache.coyote.http11.Http11Processor;
import org.apache.coyote.http11.OutputFilter;

/**
 * Writes a reason phrase into the status line. Tomcat writes none, and the phrase is all of a
 * refusal that containerd and BuildKit show to their users.
 */
final class PhrasedOutputBuffer extends Http11OutputBuffer {
  private static final String FIELD = "outputBuffer";
  private static final byte[] END = {'\r', '\n'};

  private PhrasedOutputBuffer(Response response, int headerSize) {
    super(response, headerSize);
  }

  /**
   * Replaces the buffer of a processor. Tomcat has no setter for it.
   *
   * @param processor a processor that has not served a request yet
   * @param response its response
   * @param headerSize the largest response head, in bytes
   */
  static void install(Http11Processor processor, Response response, int headerSize) {
    try {
      Field field = Http11Processor.class.getDeclaredField(FIELD);
      field.setAccessible(true);
      PhrasedOutputBuffer phrased = new PhrasedOutputBuffer(response, headerSize);
      for (OutputFilter filter : ((Http11OutputBuffer) field.get(processor)).getFilters()) {
        phrased.addFilter(filter);
      }
      field.set(processor, phrased);
      response.setOutputBuffer(phrased);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("Tomcat's Http11Processor has another output buffer", e);
    }
  }

  @Override
  public void sendStatus(int status) {
    super.sendStatus(status);
    if (response.getRequest().getAttribute(ReasonPhrase.ATTRIBUTE) instanceof String phrase) {
      // In place of the end of the line.
      headerBuffer.position(headerBuffer.position() - END.length);
      write(phrase.getBytes(StandardCharsets.US_ASCII));
      write(END);
    }
  }
}
