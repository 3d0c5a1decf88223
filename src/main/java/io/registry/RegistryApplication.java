package io.registry;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;

/** The entrance: starts the registry in one process. */
@SpringBootApplication
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
