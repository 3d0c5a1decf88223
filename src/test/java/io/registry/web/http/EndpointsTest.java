package io.registry.web.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.registry.access.auth.IndexMode;
import io.registry.access.auth.IndexProperties;
import io.registry.platform.problem.RegistryException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.mock.web.MockHttpServletRequest;

class EndpointsTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "registry",
        "Registry.Example:5000",
        "my_registry:80",
        "192.0.2.1:5000",
        "[2001:db8::1]:5000"
      })
  void withoutAccountsItIsTheHostThatTheClientAskedFor(String host) {
    assertThat(endpoints(IndexMode.STANDALONE).of(asking(host))).isEqualTo(host);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a b",
        "a,b",
        "a\r\nX: y",
        "a/b",
        "a@b",
        "http://a",
        "a:0",
        "a:65536",
        "a:b",
        "-a",
        "a..b",
        ".a",
        "[::1",
        "::1",
        "é.example"
      })
  void garbageIsNeverToldBack(String host) {
    assertThatThrownBy(() -> endpoints(IndexMode.STANDALONE, "*").of(asking(host)))
        .isInstanceOf(RegistryException.class)
        .hasMessage("Invalid host");
  }

  @ParameterizedTest
  @EnumSource(names = "STANDALONE", mode = EnumSource.Mode.EXCLUDE)
  void withAccountsNoHostIsBelievedThatIsNotAllowed(IndexMode mode) {
    Endpoints endpoints = endpoints(mode);

    assertThatThrownBy(() -> endpoints.of(asking("evil.example")))
        .isInstanceOf(RegistryException.class)
        .hasMessageContaining("evil.example")
        .hasMessageContaining("registry.allowed-hosts");
    assertThatThrownBy(() -> endpoints.of(asking("10.0.0.1:81")))
        .isInstanceOf(RegistryException.class);
    assertThat(endpoints.of(asking("10.0.0.1:5000"))).as("its own").isEqualTo("10.0.0.1:5000");
  }

  /** It leads to the machine of the client, and a container does not know its published port. */
  @ParameterizedTest
  @ValueSource(
      strings = {"localhost:5000", "LOCALHOST", "127.0.0.1:49153", "127.1.2.3:80", "[::1]:49153"})
  void theMachineOfTheClientIsAlwaysAllowed(String host) {
    for (IndexMode mode : IndexMode.values()) {
      assertThat(endpoints(mode).of(asking(host))).isEqualTo(host);
      assertThat(endpoints(mode, "other.test").of(asking(host))).isEqualTo(host);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"localhost.example", "127.0.0.1.example", "127.0.0", "[::2]", "10.0.0.2"})
  void whatOnlyLooksLikeItIsNot(String host) {
    assertThatThrownBy(() -> endpoints(IndexMode.EMBEDDED).of(asking(host)))
        .isInstanceOf(RegistryException.class)
        .hasMessageContaining("set registry.allowed-hosts=" + host);
  }

  @ParameterizedTest
  @CsvSource({
    "registry.example, registry.example, true",
    "registry.example, REGISTRY.example:5000, true",
    "Registry.Example:5000, registry.example:5000, true",
    "registry.example:5000, registry.example, false",
    "registry.example:5000, registry.example:5001, false",
    "registry.example, other.example, false",
    "registry.example, registry.example.evil, false",
    "registry.example, evil-registry.example, false",
    "*.example.com, a.example.com, true",
    "*.example.com, a.b.example.com:5000, true",
    "*.example.com, example.com, false",
    "*.example.com, evilexample.com, false",
    "*.example.com:443, a.example.com, false",
    "*.example.com:443, a.example.com:443, true",
    "[2001:DB8::1], [2001:db8::1]:5000, true",
    "*, anything.example, true"
  })
  void whatIsAllowedIsTold(String entry, String host, boolean told) {
    for (IndexMode mode : IndexMode.values()) {
      Endpoints endpoints = endpoints(mode, "other.test", entry);
      if (told) {
        assertThat(endpoints.of(asking(host))).isEqualTo(host);
      } else {
        assertThatThrownBy(() -> endpoints.of(asking(host))).isInstanceOf(RegistryException.class);
      }
    }
  }

  @Test
  void whoNamesNoHostIsToldTheAddressOfTheServer() {
    MockHttpServletRequest request = asking("x");
    request.removeHeader("Host");

    assertThat(endpoints(IndexMode.EMBEDDED).of(request)).isEqualTo("10.0.0.1:5000");
    request.setLocalAddr("2001:db8::1");
    assertThat(endpoints(IndexMode.EMBEDDED).of(request)).isEqualTo("[2001:db8::1]:5000");
  }

  @Test
  void endpointsThatAreSetAreToldWhateverTheHost() {
    Endpoints endpoints =
        new Endpoints(
            settings(Map.of("registry.endpoints", "one.example,two.example:5000")),
            new IndexProperties(IndexMode.EMBEDDED));

    assertThat(endpoints.of(asking("evil.example"))).isEqualTo("one.example,two.example:5000");
  }

  @ParameterizedTest
  @CsvSource({
    "http, registry, front.example, 80, front.example",
    "https, registry:5000, front.example, 443, front.example",
    "https, registry:5000, front.example, 8443, front.example:8443",
    "https, front.example:5001, front.example, 443, front.example:5001",
    "https, front.example, front.example, 443, front.example",
    "http, front.example, front.example, 8080, front.example:8080",
    "http, front.example, front.example, 443, front.example:443"
  })
  void whatAProxySaysCountsMoreThanTheHost(
      String scheme, String host, String name, int port, String told) {
    MockHttpServletRequest request = asking(host);
    request.setScheme(scheme);
    request.setSecure(scheme.equals("https"));
    request.setServerName(name);
    request.setServerPort(port);

    assertThat(endpoints(IndexMode.STANDALONE).of(request)).isEqualTo(told);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a b", "http://a", "a.*", "*a", "*.", "a:99999", "**"})
  void anEntryThatIsNoHostStopsTheStart(String entry) {
    assertThatThrownBy(() -> settings(Map.of("registry.allowed-hosts[0]", entry)))
        .isInstanceOf(BindException.class)
        .hasRootCauseInstanceOf(IllegalArgumentException.class)
        .rootCause()
        .hasMessageContaining("registry.allowed-hosts");
  }

  private static Asking asking(String host) {
    int colon = host.indexOf(':', host.lastIndexOf(']') + 1);
    Asking request = new Asking();
    request.addHeader("Host", host);
    request.setServerName(host);
    request.setServerPort(80);
    if (colon >= 0 && host.substring(colon + 1).matches("[0-9]+")) {
      request.setServerName(host.substring(0, colon));
      request.setServerPort(Integer.parseInt(host.substring(colon + 1)));
    }
    request.setLocalAddr("10.0.0.1");
    request.setLocalPort(5000);
    return request;
  }

  /** As Tomcat tells it: the name and the port need not be those of the header. */
  private static final class Asking extends MockHttpServletRequest {
    private String name = "";
    private int port;

    @Override
    public String getServerName() {
      return name;
    }

    @Override
    public void setServerName(String name) {
      this.name = name;
    }

    @Override
    public int getServerPort() {
      return port;
    }

    @Override
    public void setServerPort(int port) {
      this.port = port;
    }
  }

  private static Endpoints endpoints(IndexMode mode, String... allowed) {
    return new Endpoints(
        settings(Map.of("registry.allowed-hosts", String.join(",", List.of(allowed)))),
        new IndexProperties(mode));
  }

  private static RegistryProperties settings(Map<String, String> settings) {
    return new Binder(new MapConfigurationPropertySource(settings))
        .bindOrCreate("registry", RegistryProperties.class);
  }
}
