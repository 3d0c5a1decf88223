package io.registry.web.v1;

import io.registry.operations.health.ServiceStatus;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Map;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** Reports whether the services behind the registry work, like registries up to 0.8. */
@RestController
class StatusController {
  private final V1Responses responses;
  private final ServiceStatus status;

  StatusController(V1Responses responses, ServiceStatus status) {
    this.responses = responses;
    this.status = status;
  }

  @GetMapping({"/_status", "/v1/_status"})
  ResponseEntity<byte[]> status() {
    Map<String, String> failures = status.failures();
    return responses.json(
        status.isWorkingWithout(failures.keySet()) ? HttpStatus.OK : HttpStatus.SERVICE_UNAVAILABLE,
        Map.of("failures", failures, "host", host(), "services", status.services()));
  }

  private static String host() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      return "localhost";
    }
  }
}
