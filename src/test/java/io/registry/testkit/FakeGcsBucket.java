package io.registry.testkit;

import io.registry.testkit.FakeGcs.Dialect;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.CRC32C;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The objects and upload sessions of a {@link FakeGcs}, and the rules for them. */
final class FakeGcsBucket {
  static final int CHUNK = 256 * 1024;

  private static final int REWRITTEN_AT_ONCE = 1024 * 1024;

  private static final int MAX_NAME = 1024;
  private static final int MAX_PAGE = 1000;
  private static final JsonMapper JSON = new JsonMapper();
  private static final Pattern RANGE = Pattern.compile("bytes=(\\d*)-(\\d*)");
  private static final Pattern CONTENT_RANGE =
      Pattern.compile("bytes (?:(\\d+)-(\\d+)|\\*)/(\\d+|\\*)");

  private final String name;
  private final NavigableMap<String, StoredObject> objects = new TreeMap<>();
  private final Map<String, Session> sessions = new LinkedHashMap<>();
  private long generation = 1_700_000_000_000_000L;
  private int sessionNumber;
  private boolean missing;
  private boolean tellsSizeWhenUnsatisfiable = true;
  private boolean tellsChecksums = true;
  private String contentEncoding = "";
  private Damage damage = Damage.NONE;
  private Dialect dialect = Dialect.GOOGLE;
  private boolean publishesEarly;

  private enum Damage {
    NONE,
    ON_THE_WAY,
    UNNOTICED
  }

  FakeGcsBucket(String name) {
    this.name = name;
  }

  /** An answer of the service. */
  // Never compared, nor changed.
  @SuppressWarnings("ArrayRecordComponent")
  record Answer(int status, Map<String, String> headers, byte[] body) {
    static Answer empty(int status, Map<String, String> headers) {
      return new Answer(status, headers, new byte[0]);
    }

    static Answer json(JsonNode body) {
      return json(200, body);
    }

    static Answer json(int status, JsonNode body) {
      return new Answer(
          status, Map.of("Content-Type", "application/json"), JSON.writeValueAsBytes(body));
    }

    static Answer error(int status, String reason, String message) {
      ObjectNode error = JSON.createObjectNode().put("code", status).put("message", message);
      error
          .putArray("errors")
          .addObject()
          .put("message", message)
          .put("domain", "global")
          .put("reason", reason);
      ObjectNode body = JSON.createObjectNode();
      body.set("error", error);
      return json(status, body);
    }
  }

  // Never compared, nor changed.
  @SuppressWarnings("ArrayRecordComponent")
  private record StoredObject(
      String name,
      byte[] bytes,
      long generation,
      JsonNode metadata,
      String kmsKey,
      Instant updated) {}

  private static final class Session {
    private final JsonNode metadata;
    private final Map<String, String> query;
    private byte[] bytes = new byte[0];
    private Optional<StoredObject> result = Optional.empty();

    Session(JsonNode metadata, Map<String, String> query) {
      this.metadata = metadata;
      this.query = query;
    }
  }

  synchronized void speak(Dialect wanted) {
    dialect = wanted;
  }

  synchronized boolean knowsBatches() {
    return dialect != Dialect.NESTED;
  }

  synchronized void publishEarly() {
    publishesEarly = true;
  }

  synchronized void remove() {
    missing = true;
  }

  synchronized void hideSizeWhenUnsatisfiable() {
    tellsSizeWhenUnsatisfiable = false;
  }

  synchronized void hideChecksums() {
    tellsChecksums = false;
  }

  synchronized void compressDownloads() {
    contentEncoding = "gzip";
  }

  /** From now on a byte of each upload is changed, before or after the checksums are compared. */
  synchronized void damageUploads(boolean compared) {
    damage = compared ? Damage.ON_THE_WAY : Damage.UNNOTICED;
  }

  synchronized List<String> names() {
    return List.copyOf(objects.keySet());
  }

  synchronized byte[] bytes(String object) {
    return found(object).bytes().clone();
  }

  synchronized String kmsKey(String object) {
    return found(object).kmsKey();
  }

  synchronized int openSessions() {
    return (int) sessions.values().stream().filter(session -> session.result.isEmpty()).count();
  }

  private StoredObject found(String object) {
    return Optional.ofNullable(objects.get(object)).orElseThrow();
  }

  synchronized void put(String object, byte[] bytes) {
    store(object, bytes, JSON.createObjectNode(), "");
  }

  synchronized Answer list(String bucket, Map<String, String> query) {
    if (isMissing(bucket)) {
      return noBucket();
    }
    String prefix = query.getOrDefault("prefix", "");
    String delimiter = query.getOrDefault("delimiter", "");
    String token = query.getOrDefault("pageToken", "");
    int most = Math.min(MAX_PAGE, Integer.parseInt(query.getOrDefault("maxResults", "1000")));
    ObjectNode page = JSON.createObjectNode().put("kind", "storage#objects");
    List<String> folders = new ArrayList<>();
    ArrayNode items = JSON.createArrayNode();
    for (String object : objects.tailMap(token, false).keySet()) {
      if (!object.startsWith(prefix)) {
        continue;
      }
      int end = delimiter.isEmpty() ? -1 : object.indexOf(delimiter, prefix.length());
      String folder = end < 0 ? "" : object.substring(0, end + delimiter.length());
      if (folders.contains(folder) || (!folder.isEmpty() && token.startsWith(folder))) {
        continue;
      }
      if (items.size() + folders.size() == most) {
        page.put("nextPageToken", lastBefore(object));
        break;
      }
      if (folder.isEmpty()) {
        items.add(resource(found(object)));
      } else {
        folders.add(folder);
      }
    }
    if (!items.isEmpty()) {
      page.set("items", items);
    }
    if (!folders.isEmpty()) {
      folders.forEach(page.putArray("prefixes")::add);
    }
    return Answer.json(only(page, query.getOrDefault("fields", "")));
  }

  private String lastBefore(String object) {
    return Optional.ofNullable(objects.lowerKey(object)).orElseThrow();
  }

  synchronized Answer stat(String bucket, String object, Map<String, String> query) {
    return present(bucket, object, query)
        .map(found -> Answer.json(only(resource(found), query.getOrDefault("fields", ""))))
        .orElseGet(() -> absent(bucket, object));
  }

  synchronized Answer media(String bucket, String object, Map<String, String> query, String range) {
    Optional<StoredObject> present = present(bucket, object, query);
    if (present.isEmpty() && dialect != Dialect.GOOGLE) {
      return dialect == Dialect.NESTED
          ? absent(bucket, object)
          : new Answer(404, Map.of("Content-Type", "text/plain"), ascii("Not Found\n"));
    }
    if (present.isEmpty()) {
      String text =
          isMissing(bucket)
              ? "The specified bucket does not exist."
              : "No such object: " + bucket + "/" + object;
      return new Answer(404, Map.of("Content-Type", "text/html; charset=UTF-8"), ascii(text));
    }
    StoredObject found = present.get();
    int size = found.bytes().length;
    Map<String, String> headers = new LinkedHashMap<>();
    headers.put("x-goog-generation", Long.toString(found.generation()));
    headers.put("x-goog-stored-content-length", Integer.toString(size));
    headers.put("x-goog-stored-content-encoding", "identity");
    headers.put("Content-Type", "application/octet-stream");
    if (!contentEncoding.isEmpty()) {
      headers.put("Content-Encoding", contentEncoding);
    }
    Matcher wanted = RANGE.matcher(range);
    if (!wanted.matches()) {
      return new Answer(200, headers, found.bytes());
    }
    boolean suffix = wanted.group(1).isEmpty();
    long first =
        suffix
            ? Math.max(0, size - Long.parseLong(wanted.group(2)))
            : Long.parseLong(wanted.group(1));
    long last =
        suffix || wanted.group(2).isEmpty()
            ? size - 1
            : Math.min(size - 1, Long.parseLong(wanted.group(2)));
    if (suffix && size == 0 && dialect != Dialect.GOOGLE) {
      String none = dialect == Dialect.TERSE ? "0--1/0" : "-" + wanted.group(2) + "--1/0";
      return Answer.empty(206, with(headers, "bytes " + none));
    }
    if (first >= size) {
      return Answer.empty(
          416,
          tellsSizeWhenUnsatisfiable && dialect != Dialect.NESTED
              ? with(headers, "bytes */" + size)
              : Map.of());
    }
    return new Answer(
        206,
        with(headers, "bytes " + first + "-" + last + "/" + size),
        Arrays.copyOfRange(found.bytes(), (int) first, (int) last + 1));
  }

  private static Map<String, String> with(Map<String, String> headers, String range) {
    headers.put("Content-Range", range);
    return headers;
  }

  synchronized Answer insert(
      String bucket, Map<String, String> query, JsonNode metadata, byte[] sent) {
    byte[] bytes = received(sent);
    if (isMissing(bucket)) {
      return noBucket();
    }
    String object = query.getOrDefault("name", metadata.path("name").asString(""));
    Optional<Answer> refusal = refusal(object, query);
    if (refusal.isPresent()) {
      return refusal.get();
    }
    String expected = metadata.path("md5Hash").asString("");
    if (!expected.isEmpty() && !expected.equals(md5(bytes))) {
      return Answer.error(
          400,
          "invalid",
          "Provided MD5 hash \""
              + expected
              + "\" doesn't match calculated MD5 hash \""
              + md5(bytes)
              + "\".");
    }
    return Answer.json(resource(store(object, bytes, metadata, kmsKey(query))));
  }

  synchronized Answer start(
      String bucket, Map<String, String> query, JsonNode metadata, String base) {
    if (isMissing(bucket)) {
      return noBucket();
    }
    Optional<Answer> refusal = refusal(metadata.path("name").asString(""), query);
    if (refusal.isPresent()) {
      return refusal.get();
    }
    String id = "session-" + ++sessionNumber;
    sessions.put(id, new Session(metadata, query));
    return Answer.empty(
        200,
        Map.of(
            "Location",
            base + "/upload/storage/v1/b/" + name + "/o?uploadType=resumable&upload_id=" + id));
  }

  /** Takes a chunk; when the connection broke within it, what came of it in whole units. */
  synchronized Answer chunk(
      String id, String contentRange, String hash, byte[] body, boolean broken) {
    Session session = sessions.get(id);
    if (session == null) {
      return Answer.error(404, "notFound", "No such upload session");
    }
    if (session.result.isPresent()) {
      return Answer.json(resource(session.result.get()));
    }
    Matcher range = CONTENT_RANGE.matcher(contentRange);
    if (!range.matches()) {
      return Answer.error(400, "badRequest", "Failed to parse Content-Range header.");
    }
    Optional<Answer> refusal =
        range.group(1) == null ? Optional.empty() : take(session, range, body, broken);
    if (refusal.isPresent()) {
      return refusal.get();
    }
    if (publishesEarly) {
      return publish(session, hash);
    }
    if (range.group(3).equals("*") || broken) {
      return incomplete(session);
    }
    if (Long.parseLong(range.group(3)) != session.bytes.length) {
      return incomplete(session);
    }
    return publish(session, hash);
  }

  private static Optional<Answer> take(
      Session session, Matcher range, byte[] body, boolean broken) {
    long first = Long.parseLong(range.group(1));
    long length = Long.parseLong(range.group(2)) - first + 1;
    if (first != session.bytes.length) {
      return Optional.of(Answer.error(400, "badRequest", "a chunk that does not follow"));
    }
    if (!broken && length != body.length) {
      return Optional.of(Answer.error(400, "badRequest", "a chunk of another length"));
    }
    if (range.group(3).equals("*") && length % CHUNK != 0) {
      return Optional.of(Answer.error(400, "badRequest", "no multiple of 256 KiB"));
    }
    int taken = broken ? body.length / CHUNK * CHUNK : body.length;
    byte[] all = Arrays.copyOf(session.bytes, session.bytes.length + taken);
    System.arraycopy(body, 0, all, session.bytes.length, taken);
    session.bytes = all;
    return Optional.empty();
  }

  private Answer publish(Session session, String hash) {
    // A condition counts when the object is made, and not only when the upload begins.
    Optional<Answer> refusal = refusal(session.metadata.path("name").asString(""), session.query);
    if (refusal.isPresent()) {
      return refusal.get();
    }
    byte[] bytes = received(session.bytes);
    if (!hash.isEmpty() && !hash.equals("crc32c=" + crc32c(bytes))) {
      return Answer.error(400, "invalid", "Provided CRC32C doesn't match calculated CRC32C");
    }
    StoredObject stored =
        store(
            session.metadata.path("name").asString(""),
            bytes,
            session.metadata,
            kmsKey(session.query));
    session.bytes = new byte[0];
    session.result = Optional.of(stored);
    return Answer.json(resource(stored));
  }

  private static Answer incomplete(Session session) {
    return Answer.empty(
        308,
        session.bytes.length == 0
            ? Map.of()
            : Map.of("Range", "bytes=0-" + (session.bytes.length - 1)));
  }

  synchronized Answer cancel(String id) {
    return sessions.remove(id) == null
        ? Answer.error(404, "notFound", "No such upload session")
        : Answer.empty(499, Map.of());
  }

  synchronized Answer delete(String bucket, String object, Map<String, String> query) {
    Optional<StoredObject> present = present(bucket, object, query);
    if (present.isEmpty()) {
      return absent(bucket, object);
    }
    objects.remove(object);
    return Answer.empty(204, Map.of());
  }

  private Optional<StoredObject> present(String bucket, String object, Map<String, String> query) {
    if (isMissing(bucket)) {
      return Optional.empty();
    }
    String wanted = query.getOrDefault("generation", "");
    return Optional.ofNullable(objects.get(object))
        .filter(found -> wanted.isEmpty() || wanted.equals(Long.toString(found.generation())));
  }

  private Answer absent(String bucket, String object) {
    return isMissing(bucket)
        ? noBucket()
        : notFound("No such object: " + bucket + "/" + object, "Object " + object);
  }

  private Answer notFound(String message, String subject) {
    return switch (dialect) {
      case GOOGLE -> Answer.error(404, "notFound", message);
      case TERSE -> Answer.error(404, "notFound", "Not Found");
      case NESTED -> {
        String inner =
            "{\"error\": {\"errors\": [{\"domain\": \"global\", \"message\": \"%s does not exist.\"}]}}"
                .formatted(subject);
        ObjectNode body = JSON.createObjectNode();
        body.putObject("error").put("code", 404).put("message", inner);
        yield Answer.json(404, body);
      }
    };
  }

  private boolean isMissing(String bucket) {
    return missing || !bucket.equals(name);
  }

  private Answer noBucket() {
    return notFound("The specified bucket does not exist.", "Bucket " + name);
  }

  private Optional<Answer> refusal(String object, Map<String, String> query) {
    if (object.isEmpty()
        || object.getBytes(StandardCharsets.UTF_8).length > MAX_NAME
        || object.matches("(?s).*[\r\n].*|\\.\\.?")) {
      return Optional.of(Answer.error(400, "invalid", "Invalid object name"));
    }
    String condition = query.getOrDefault("ifGenerationMatch", "");
    StoredObject found = objects.get(object);
    String current = found == null ? "0" : Long.toString(found.generation());
    return condition.isEmpty() || condition.equals(current)
        ? Optional.empty()
        : Optional.of(
            Answer.error(
                412,
                "conditionNotMet",
                "At least one of the pre-conditions you specified did not hold."));
  }

  /** Copies an object, a mebibyte with each request. */
  synchronized Answer rewrite(
      String bucket, String object, String copy, Map<String, String> query) {
    Optional<StoredObject> present = present(bucket, object, query);
    if (present.isEmpty()) {
      return absent(bucket, object);
    }
    StoredObject found = present.get();
    String token = query.getOrDefault("rewriteToken", "");
    int copied = (token.isEmpty() ? 0 : Integer.parseInt(token.substring(1))) + REWRITTEN_AT_ONCE;
    ObjectNode answer = JSON.createObjectNode().put("kind", "storage#rewriteResponse");
    if (copied < found.bytes().length) {
      return Answer.json(answer.put("done", false).put("rewriteToken", "t" + copied));
    }
    String key = query.getOrDefault("destinationKmsKeyName", "");
    StoredObject stored = store(copy, found.bytes(), found.metadata(), key);
    answer.put("done", true).set("resource", resource(stored));
    return Answer.json(answer);
  }

  private StoredObject store(String object, byte[] bytes, JsonNode metadata, String kmsKey) {
    byte[] kept = damage == Damage.UNNOTICED ? damaged(bytes) : bytes.clone();
    StoredObject stored =
        new StoredObject(object, kept, ++generation, metadata, kmsKey, Instant.now());
    objects.put(object, stored);
    return stored;
  }

  private byte[] received(byte[] sent) {
    return damage == Damage.ON_THE_WAY ? damaged(sent) : sent;
  }

  private static byte[] damaged(byte[] bytes) {
    byte[] damaged = bytes.clone();
    damaged[damaged.length / 2] ^= 1;
    return damaged;
  }

  private static String kmsKey(Map<String, String> query) {
    return query.getOrDefault("kmsKeyName", "");
  }

  private ObjectNode resource(StoredObject object) {
    ObjectNode resource =
        JSON.createObjectNode()
            .put("kind", "storage#object")
            .put("name", object.name())
            .put("bucket", name)
            .put("generation", Long.toString(object.generation()))
            .put("size", Integer.toString(object.bytes().length))
            .put("updated", object.updated().toString());
    if (dialect == Dialect.NESTED && object.bytes().length == 0) {
      resource.remove("size");
    }
    if (tellsChecksums) {
      resource.put("md5Hash", md5(object.bytes())).put("crc32c", crc32c(object.bytes()));
    }
    if (object.metadata().has("metadata")) {
      resource.set("metadata", object.metadata().path("metadata"));
    }
    return resource;
  }

  // Partial answers, as far as "a,b(c)" goes.
  private static ObjectNode only(ObjectNode whole, String fields) {
    if (fields.isEmpty()) {
      return whole;
    }
    ObjectNode partial = JSON.createObjectNode();
    Matcher field = Pattern.compile("(\\w+)(?:\\((\\w+)\\))?").matcher(fields);
    while (field.find()) {
      JsonNode value = whole.path(field.group(1));
      if (field.group(2) != null && value.isArray()) {
        ArrayNode items = partial.putArray(field.group(1));
        for (JsonNode item : value) {
          items.addObject().set(field.group(2), item.path(field.group(2)));
        }
      } else if (!value.isMissingNode()) {
        partial.set(field.group(1), value);
      }
    }
    return partial;
  }

  private static String md5(byte[] bytes) {
    try {
      return Base64.getEncoder().encodeToString(MessageDigest.getInstance("MD5").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String crc32c(byte[] bytes) {
    CRC32C sum = new CRC32C();
    sum.update(bytes, 0, bytes.length);
    return Base64.getEncoder()
        .encodeToString(ByteBuffer.allocate(4).putInt((int) sum.getValue()).array());
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
