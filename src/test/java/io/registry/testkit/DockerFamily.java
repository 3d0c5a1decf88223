package io.registry.testkit;

/** The lines of clients that speak V1, each by one release of it (protocol 9.1). */
public enum DockerFamily {
  DOCKER_0_10("docker/0.10.0 go/go1.2.1 git-commit/dc9c28f"),
  DOCKER_1_0("docker/1.0.0 go/go1.2.1 git-commit/63fe64c"),
  DOCKER_1_2("docker/1.2.0 go/go1.3.1 git-commit/fa7b24f"),
  DOCKER_1_3("docker/1.3.3 go/go1.3.3 git-commit/d344625"),
  DOCKER_1_5("docker/1.5.0 go/go1.3.3 git-commit/a8a31ef"),
  DOCKER_1_6("docker/1.6.2 go/go1.4.2 git-commit/7c8fca2"),
  DOCKER_1_9("docker/1.9.1 go/go1.4.3 git-commit/a34a1d5"),
  DOCKER_1_12("docker/1.12.6 go/go1.6.4 git-commit/78d1802"),
  /** The docker-registry-client of npm, release 3.4.0, which only pulls. */
  NPM("docker-registry-client/3.4.0 (linux; x64) node/4.9.1");

  private static final String GO_DEFAULT = "Go 1.1 package http";

  private final String agent;

  DockerFamily(String agent) {
    this.agent = agent;
  }

  boolean isUpTo(DockerFamily last) {
    return compareTo(last) <= 0;
  }

  boolean isFrom(DockerFamily first) {
    return compareTo(first) >= 0;
  }

  /** Whether it can push at all. */
  public boolean pushes() {
    return this != NPM;
  }

  /** Whether it can search a registry that is not the Hub. */
  public boolean searches() {
    return isFrom(DOCKER_1_2);
  }

  /** Whether it shows the password of whoever is logged in when it searches. */
  public boolean showsPasswordToSearch() {
    return isFrom(DOCKER_1_6) && pushes();
  }

  String userAgent() {
    if (this == NPM) {
      return agent;
    }
    String rest = " kernel/3.13.0-24-generic os/linux arch/amd64";
    return agent
        + rest
        + (this == DOCKER_1_12 ? " UpstreamClient(Docker-Client/1.12.6 \\(linux\\))" : "");
  }

  String pingUserAgent() {
    return isUpTo(DOCKER_1_6) ? GO_DEFAULT : userAgent();
  }

  boolean needsRegistryVersion() {
    return this == DOCKER_0_10;
  }

  boolean needsToken() {
    return isUpTo(DOCKER_1_6);
  }

  boolean needsEndpointsOnPull() {
    return this == DOCKER_0_10;
  }

  boolean needsSize() {
    return this == DOCKER_0_10;
  }

  boolean asksForV2First() {
    return isFrom(DOCKER_1_5) && pushes();
  }

  boolean pingsV1() {
    return isUpTo(DOCKER_1_6) || this == NPM;
  }

  boolean testsExistenceAtOnce() {
    return isFrom(DOCKER_1_5);
  }

  boolean asksLayerHeadFirst() {
    return this == DOCKER_1_0;
  }

  /** Whether it goes on where a download was cut. */
  public boolean resumes() {
    return isFrom(DOCKER_1_0) && pushes();
  }

  boolean looksUpOneTag() {
    return isFrom(DOCKER_1_9);
  }

  boolean namesLayerType() {
    return isFrom(DOCKER_1_2);
  }

  boolean endsTars() {
    return isFrom(DOCKER_1_3);
  }

  boolean sendsBasicToIndex() {
    return isUpTo(DOCKER_1_6);
  }

  boolean createsAccounts() {
    return isUpTo(DOCKER_1_9);
  }

  boolean synthesisesImages() {
    return this == DOCKER_1_12;
  }

  boolean keepsPingOpen() {
    return isUpTo(DOCKER_1_0);
  }

  boolean keepsAccountPostOpen() {
    return isUpTo(DOCKER_1_5);
  }
}
