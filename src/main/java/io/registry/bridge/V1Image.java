package io.registry.bridge;

import java.util.List;
import java.util.concurrent.atomic.AtomicReference;

/** The structs that Docker 1.12.6 decodes the JSON of a V1 image into. */
final class V1Image {
  private final GoTime created = new GoTime();
  private final GoValue.Text author = new GoValue.Text();
  private final GoValue.Text comment = new GoValue.Text();
  private final GoValue.Text dockerVersion = new GoValue.Text();
  private final GoValue.Words command = new GoValue.Words();
  private final GoStruct struct;

  private V1Image() {
    struct = fields(created, comment, config(command), dockerVersion, author, new GoValue.Text());
  }

  static V1Image of(JsonCursor json) {
    V1Image image = new V1Image();
    image.struct.decode(json);
    return image;
  }

  String dockerVersion() {
    return dockerVersion.value();
  }

  byte[] encoded() {
    GoWriter out = new GoWriter();
    struct.encode(out);
    return out.bytes();
  }

  /** Encodes what the image config tells of this image as of one layer among others. */
  void encodeHistory(GoWriter out, boolean emptyLayer) {
    created.encode(out.raw("{\"created\":"));
    writeUnlessEmpty(out, "author", author.value());
    writeUnlessEmpty(out, "created_by", String.join(" ", command.values()));
    writeUnlessEmpty(out, "comment", comment.value());
    out.raw(emptyLayer ? ",\"empty_layer\":true}" : "}");
  }

  private static void writeUnlessEmpty(GoWriter out, String key, String value) {
    if (!value.isEmpty()) {
      out.raw(",").string(key).raw(":").string(value);
    }
  }

  /**
   * What Docker reads in an image config.
   *
   * @param os the operating system; empty when the config names none
   * @param diffIds as they are, unchecked
   */
  record Config(String os, List<String> diffIds) {}

  /**
   * Decodes an image config as Docker does before it stores one.
   *
   * @throws MisfitException when Docker refuses it
   */
  static Config decodeConfig(JsonCursor config) {
    GoValue.Text os = new GoValue.Text();
    AtomicReference<GoValue.Texts> diffIds = new AtomicReference<>(new GoValue.Texts());
    GoValue.Pointer rootFs =
        new GoValue.Pointer(
            () -> {
              diffIds.set(new GoValue.Texts());
              return new GoStruct()
                  .with("type", new GoValue.Text())
                  .withOptional("diff_ids", diffIds.get());
            });
    fields(
            new GoTime(),
            new GoValue.Text(),
            config(new GoValue.Words()),
            new GoValue.Text(),
            new GoValue.Text(),
            os)
        .withOptional("rootfs", rootFs)
        .withOptional("history", new HistoryEntries())
        .withOptional("os.version", new GoValue.Text())
        .withOptional("os.features", new GoValue.Texts())
        .decode(config);
    if (rootFs.isEmpty()) {
      // A key that differs in case only, and is sorted behind ours, can take it away.
      throw new MisfitException("rootfs: null where Docker expects an object");
    }
    return new Config(os.value(), diffIds.get().values());
  }

  private static GoStruct fields(
      GoTime created,
      GoValue.Text comment,
      GoStruct containerConfig,
      GoValue.Text dockerVersion,
      GoValue.Text author,
      GoValue.Text os) {
    return new GoStruct()
        .withOptional("id", new GoValue.Text())
        .withOptional("parent", new GoValue.Text())
        .withOptional("comment", comment)
        .with("created", created)
        .withOptional("container", new GoValue.Text())
        .withOptional("container_config", containerConfig)
        .withOptional("docker_version", dockerVersion)
        .withOptional("author", author)
        .withOptional("config", new GoValue.Pointer(() -> config(new GoValue.Words())))
        .withOptional("architecture", new GoValue.Text())
        .withOptional("os", os)
        .withOptional("Size", new GoValue.Int());
  }

  private static GoStruct config(GoValue.Words command) {
    return new GoStruct()
        .with("Hostname", new GoValue.Text())
        .with("Domainname", new GoValue.Text())
        .with("User", new GoValue.Text())
        .with("AttachStdin", new GoValue.Flag())
        .with("AttachStdout", new GoValue.Flag())
        .with("AttachStderr", new GoValue.Flag())
        .withOptional("ExposedPorts", new GoValue.Dictionary(GoStruct::new))
        .with("Tty", new GoValue.Flag())
        .with("OpenStdin", new GoValue.Flag())
        .with("StdinOnce", new GoValue.Flag())
        .with("Env", new GoValue.Texts())
        .with("Cmd", command)
        .withOptional("Healthcheck", new GoValue.Pointer(V1Image::healthcheck))
        .withOptional("ArgsEscaped", new GoValue.Flag())
        .with("Image", new GoValue.Text())
        .with("Volumes", new GoValue.Dictionary(GoStruct::new))
        .with("WorkingDir", new GoValue.Text())
        .with("Entrypoint", new GoValue.Words())
        .withOptional("NetworkDisabled", new GoValue.Flag())
        .withOptional("MacAddress", new GoValue.Text())
        .with("OnBuild", new GoValue.Texts())
        .with("Labels", new GoValue.Dictionary(GoValue.Text::new))
        .withOptional("StopSignal", new GoValue.Text())
        .withOptional("StopTimeout", new GoValue.Pointer(GoValue.Int::new))
        .withOptional("Shell", new GoValue.Words());
  }

  private static GoStruct healthcheck() {
    return new GoStruct()
        .withOptional("Test", new GoValue.Texts())
        .withOptional("Interval", new GoValue.Int())
        .withOptional("Timeout", new GoValue.Int())
        .withOptional("Retries", new GoValue.Int());
  }

  /** A {@code []History}, of which only counts whether Docker can decode it. */
  private static final class HistoryEntries implements GoValue {
    @Override
    public void decode(JsonCursor json) {
      switch (json.kind()) {
        case ARRAY -> json.elements(() -> entry().decode(json));
        case NULL -> json.skip();
        default -> throw new MisfitException(json.kind() + " where Docker expects an array");
      }
    }

    private static GoStruct entry() {
      return new GoStruct()
          .with("created", new GoTime())
          .withOptional("author", new GoValue.Text())
          .withOptional("created_by", new GoValue.Text())
          .withOptional("comment", new GoValue.Text())
          .withOptional("empty_layer", new GoValue.Flag());
    }

    @Override
    public void encode(GoWriter out) {
      throw new UnsupportedOperationException("only decoded");
    }

    @Override
    public boolean isEmpty() {
      return false;
    }
  }
}
