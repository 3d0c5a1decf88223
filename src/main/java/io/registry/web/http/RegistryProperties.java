package io.registry.web.http;

import java.util.List;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * Settings of the registry as clients see it.
 *
 * @param issue text that the root of the server answers with
 * @param endpoints hosts, with port where needed, that clients are told to push to and pull from;
 *     when empty, the host by which the client reached this server
 * @param allowedHosts hosts by which clients may reach this server, and be told to push there: host
 *     or host:port, *.domain for all below it, or * for any; when empty, any without accounts, and
 *     with accounts only the address of the server
 * @param readOnly whether all changes of images and repositories are refused, and nothing is
 *     written to the store
 */
@Validated
@ConfigurationProperties("registry")
public record RegistryProperties(
    @DefaultValue("\"docker-registry server\"") String issue,
    @DefaultValue List<String> endpoints,
    @DefaultValue List<String> allowedHosts,
    @DefaultValue("false") boolean readOnly) {

  /**
   * Validates the hosts.
   *
   * @throws IllegalArgumentException when an entry is not a valid host
   */
  public RegistryProperties {
    AllowedHosts unused = new AllowedHosts(allowedHosts);
  }
}
