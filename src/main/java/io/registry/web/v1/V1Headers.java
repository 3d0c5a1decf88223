package io.registry.web.v1;

/** The headers that V1 answers carry (protocol 2.0). */
final class V1Headers {
  static final String CHECKSUM = "X-Docker-Checksum";
  static final String CHECKSUM_PAYLOAD = "X-Docker-Checksum-Payload";
  static final String SIZE = "X-Docker-Size";
  static final String TOKEN = "X-Docker-Token";
  static final String ENDPOINTS = "X-Docker-Endpoints";
  static final String REGISTRY_VERSION = "X-Docker-Registry-Version";
  static final String STANDALONE = "X-Docker-Registry-Standalone";

  private V1Headers() {}
}
