package io.registry.testkit;

import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * The JSON of an image as a daemon keeps it that has pulled the image, and pushes it. Daemons read
 * the JSON into a struct of Go and write that: in its order, without what it does not have, and
 * with everything that it has, unless it says {@code omitempty}.
 */
public final class PulledJson {
  private static final JsonMapper JSON = JsonMapper.shared();
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
  private static final JsonNode NULL = NODES.nullNode();
  private static final JsonNode TEXT = NODES.stringNode("");
  private static final JsonNode FALSE = NODES.booleanNode(false);
  private static final JsonNode ZERO = NODES.numberNode(0);
  private static final JsonNode NO_TIME = NODES.stringNode("0001-01-01T00:00:00Z");

  /** What Go leaves out of what it writes: the field has {@code omitempty}. */
  private static final JsonNode LEFT_OUT = NODES.missingNode();

  private static final List<Map.Entry<String, JsonNode>> IMAGE =
      List.of(
          Map.entry("id", TEXT),
          Map.entry("parent", LEFT_OUT),
          Map.entry("comment", LEFT_OUT),
          Map.entry("created", NO_TIME),
          Map.entry("container", LEFT_OUT),
          Map.entry("container_config", NULL),
          Map.entry("docker_version", LEFT_OUT),
          Map.entry("author", LEFT_OUT),
          Map.entry("config", LEFT_OUT),
          Map.entry("architecture", LEFT_OUT),
          Map.entry("os", LEFT_OUT));

  private static final List<Map.Entry<String, JsonNode>> CONFIG_TO_1_6 =
      List.of(
          Map.entry("Hostname", TEXT),
          Map.entry("Domainname", TEXT),
          Map.entry("User", TEXT),
          Map.entry("Memory", ZERO),
          Map.entry("MemorySwap", ZERO),
          Map.entry("CpuShares", ZERO),
          Map.entry("Cpuset", TEXT),
          Map.entry("AttachStdin", FALSE),
          Map.entry("AttachStdout", FALSE),
          Map.entry("AttachStderr", FALSE),
          Map.entry("PortSpecs", NULL),
          Map.entry("ExposedPorts", NULL),
          Map.entry("Tty", FALSE),
          Map.entry("OpenStdin", FALSE),
          Map.entry("StdinOnce", FALSE),
          Map.entry("Env", NULL),
          Map.entry("Cmd", NULL),
          Map.entry("Image", TEXT),
          Map.entry("Volumes", NULL),
          Map.entry("WorkingDir", TEXT),
          Map.entry("Entrypoint", NULL),
          Map.entry("NetworkDisabled", FALSE),
          Map.entry("MacAddress", TEXT),
          Map.entry("OnBuild", NULL));

  private static final List<Map.Entry<String, JsonNode>> CONFIG_FROM_1_9 =
      List.of(
          Map.entry("Hostname", TEXT),
          Map.entry("Domainname", TEXT),
          Map.entry("User", TEXT),
          Map.entry("AttachStdin", FALSE),
          Map.entry("AttachStdout", FALSE),
          Map.entry("AttachStderr", FALSE),
          Map.entry("ExposedPorts", LEFT_OUT),
          Map.entry("PublishService", LEFT_OUT),
          Map.entry("Tty", FALSE),
          Map.entry("OpenStdin", FALSE),
          Map.entry("StdinOnce", FALSE),
          Map.entry("Env", NULL),
          Map.entry("Cmd", NULL),
          Map.entry("Image", TEXT),
          Map.entry("Volumes", NULL),
          Map.entry("WorkingDir", TEXT),
          Map.entry("Entrypoint", NULL),
          Map.entry("NetworkDisabled", LEFT_OUT),
          Map.entry("MacAddress", LEFT_OUT),
          Map.entry("OnBuild", NULL),
          Map.entry("Labels", NULL),
          Map.entry("StopSignal", LEFT_OUT));

  private PulledJson() {}

  /** The same image as a daemon of that family has it, of the lines from 1.5 to 1.9. */
  public static TestImage of(DockerFamily family, TestImage image) {
    JsonNode json = JSON.readTree(image.json());
    ObjectNode written = struct(IMAGE, json);
    written.set("container_config", config(family, json.path("container_config")));
    if (json.path("config").isObject()) {
      written.set("config", config(family, json.path("config")));
    }
    if (family.isUpTo(DockerFamily.DOCKER_1_6) || json.path("Size").asInt(0) > 0) {
      written.put("Size", json.path("Size").asInt(0));
    }
    return new TestImage(image.id(), JSON.writeValueAsBytes(written), image.layer());
  }

  private static ObjectNode config(DockerFamily family, JsonNode json) {
    if (family.isFrom(DockerFamily.DOCKER_1_9)) {
      return struct(CONFIG_FROM_1_9, json);
    }
    ObjectNode written = struct(CONFIG_TO_1_6, json);
    if (family.isFrom(DockerFamily.DOCKER_1_6)) {
      JsonNode labels = json.get("Labels");
      written.set("Labels", labels == null ? NULL : labels);
    }
    return written;
  }

  private static ObjectNode struct(List<Map.Entry<String, JsonNode>> fields, JsonNode json) {
    ObjectNode written = NODES.objectNode();
    for (Map.Entry<String, JsonNode> field : fields) {
      JsonNode value = json.get(field.getKey());
      if (value != null && !value.isNull() && !isLeftOut(field.getValue(), value)) {
        written.set(field.getKey(), value);
      } else if (!field.getValue().isMissingNode()) {
        written.set(field.getKey(), field.getValue());
      }
    }
    return written;
  }

  private static boolean isLeftOut(JsonNode nothing, JsonNode value) {
    return nothing.isMissingNode()
        && (value.equals(TEXT) || value.equals(FALSE) || (value.isContainer() && value.isEmpty()));
  }
}
