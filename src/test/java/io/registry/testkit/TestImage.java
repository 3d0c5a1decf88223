package io.registry.testkit;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * An image that a client may push.
 *
 * @param id 64 hexadecimal digits
 * @param json its description
 * @param layer its bytes, of which a registry need not know what they mean
 */
@SuppressWarnings("ArrayRecordComponent")
public record TestImage(String id, byte[] json, byte[] layer) {

  /** A base image; the same name gives the same id. */
  public static TestImage base(String name, String layer) {
    return of(name, "", bytes(layer));
  }

  /** An image on top of another one. */
  public static TestImage child(String name, TestImage parent, String layer) {
    return of(name, parent.id(), bytes(layer));
  }

  /** An image; an empty parent makes it a base image. */
  public static TestImage of(String name, String parent, byte[] layer) {
    String id = id(name);
    String json =
        parent.isEmpty()
            ? "{\"id\": \"%s\", \"os\":\"linux\"}\n".formatted(id)
            : "{\"id\": \"%s\", \"parent\": \"%s\"}".formatted(id, parent);
    return new TestImage(id, bytes(json), layer);
  }

  /** The id that images of that name get. */
  public static String id(String name) {
    return HexFormat.of().formatHex(sha256().digest(bytes(name)));
  }

  /** The same image with other bytes, as if another daemon had compressed it. */
  public TestImage withLayer(byte[] other) {
    return new TestImage(id, json, other);
  }

  /** The simple checksum, {@code sha256:HEX}. */
  public String checksum() {
    MessageDigest digest = sha256();
    digest.update(json);
    digest.update((byte) '\n');
    digest.update(layer);
    return "sha256:" + HexFormat.of().formatHex(digest.digest());
  }

  public String path(String part) {
    return "/v1/images/" + id + "/" + part;
  }

  public TestClient.Answer putJson(TestClient client, String... headers) {
    return client.put(path("json"), json, headers);
  }

  public TestClient.Answer putLayer(TestClient client, String... headers) {
    return client.putChunked(path("layer"), () -> new ByteArrayInputStream(layer), headers);
  }

  public TestClient.Answer putChecksum(TestClient client, String... headers) {
    String[] all = new String[headers.length + 2];
    System.arraycopy(headers, 0, all, 2, headers.length);
    all[0] = "X-Docker-Checksum-Payload";
    all[1] = checksum();
    return client.put(path("checksum"), new byte[0], all);
  }

  /** Pushes the image to its end; fails when the registry does not take it. */
  public TestImage push(TestClient client) {
    expectOk(putJson(client));
    expectOk(putLayer(client));
    expectOk(putChecksum(client));
    return this;
  }

  private static void expectOk(TestClient.Answer answer) {
    if (answer.status() != 200) {
      throw new AssertionError("not taken: " + answer);
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
