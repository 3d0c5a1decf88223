package io.registry;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.data.redis.autoconfigure.DataRedisAutoConfiguration;
import org.springframework.boot.data.redis.autoconfigure.DataRedisReactiveAutoConfiguration;
import org.springframework.boot.data.redis.autoconfigure.DataRedisRepositoriesAutoConfiguration;
import org.springframework.boot.data.redis.autoconfigure.health.DataRedisHealthContributorAutoConfiguration;
import org.springframework.boot.data.redis.autoconfigure.health.DataRedisReactiveHealthContributorAutoConfiguration;
import org.springframework.boot.data.redis.autoconfigure.observation.LettuceObservationAutoConfiguration;
import org.springframework.boot.security.autoconfigure.UserDetailsServiceAutoConfiguration;

/** The entrance: starts the registry in one process. Redis is set up by the room that uses it. */
@SpringBootApplication(
    exclude = {
      DataRedisAutoConfiguration.class,
      DataRedisReactiveAutoConfiguration.class,
      DataRedisRepositoriesAutoConfiguration.class,
      DataRedisHealthContributorAutoConfiguration.class,
      DataRedisReactiveHealthContributorAutoConfiguration.class,
      LettuceObservationAutoConfiguration.class,
      UserDetailsServiceAutoConfiguration.class
    })
public class RegistryApplication {

  /**
   * Starts the server and returns when it accepts connections.
   *
   * @param arguments Spring Boot's command line, for example {@code --server.port=5001}
   */
  public static void main(String[] arguments) {
    SpringApplication.run(RegistryApplication.class, arguments);
  }
}
