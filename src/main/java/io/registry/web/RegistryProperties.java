package io.registry.web;

import java.util.List;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * Settings of the registry towards its clients.
 *
 * @param issue text that the root of the server answers with
 * @param endpoints hosts, with port where needed, that clients are told to push to and pull from;
 *     when empty, the one by which the client reached this server
 * @param allowedHosts hosts by which clients may reach this server, and be told to push there: host
 *     or host:port, *.domain for all below it, or * for any; when empty, any without accounts, and
 *     with them only the address of the server
 * @param readOnly whether nobody may change images and repositories, and nothing is written to the
 *     store
 */
@Validated
@ConfigurationProperties("registry")
public record RegistryProperties(
    @DefaultValue("\"docker-registry server\"") String issue,
    @DefaultValue List<String> endpoints,
    @DefaultValue List<String> allowedHosts,
    @DefaultValue("false") boolean readOnly) {

  /**
   * Checks the hosts.
   *
   * @throws IllegalArgumentException when one of them is none
   */
  public RegistryProperties {
    AllowedHosts unused = new AllowedHosts(allowedHosts);
  }
}
