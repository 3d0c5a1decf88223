package io.registry.content.manifest;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * How a manifest of schema 1 was signed: what makes the signed document of its payload, which is
 * what the digest addresses. The document begins as the payload does.
 *
 * @param length how many bytes of the payload the document begins with
 * @param rest what follows them in the document: the signatures, and the end of the payload
 */
public record SignedForm(int length, String rest) {
  /**
   * Checks the length.
   *
   * @throws IllegalArgumentException when it is negative
   */
  public SignedForm {
    if (length < 0) {
      throw new IllegalArgumentException("a document begins with no negative number of bytes");
    }
  }

  /**
   * The signed document, byte for byte as the client has pushed it.
   *
   * @param payload the payload of the manifest
   */
  public byte[] document(byte[] payload) {
    byte[] end = rest.getBytes(StandardCharsets.UTF_8);
    int begin = Math.min(length, payload.length);
    byte[] document = Arrays.copyOf(payload, begin + end.length);
    System.arraycopy(end, 0, document, begin, end.length);
    return document;
  }
}
