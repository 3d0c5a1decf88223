package io.registry.web.v2;

import jakarta.servlet.http.HttpServletRequest;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.springframework.util.MultiValueMap;
import org.springframework.web.util.UriComponentsBuilder;
import org.springframework.web.util.UriUtils;

/**
 * The parameters in the query of a request. The servlet API would read the body for them when its
 * type is that of a form, as curl says of any body.
 */
final class QueryString {
  private final MultiValueMap<String, String> parameters;

  private QueryString(MultiValueMap<String, String> parameters) {
    this.parameters = parameters;
  }

  static QueryString of(HttpServletRequest request) {
    return new QueryString(
        UriComponentsBuilder.newInstance()
            .query(request.getQueryString())
            .build()
            .getQueryParams());
  }

  /** The first value of a parameter; nothing when it is missing or empty. */
  Optional<String> first(String name) {
    return all(name).stream().findFirst();
  }

  /** The values of a parameter that are not empty. */
  List<String> all(String name) {
    return parameters.getOrDefault(name, List.of()).stream()
        .filter(value -> value != null && !value.isEmpty())
        .map(value -> UriUtils.decode(value, StandardCharsets.UTF_8))
        .toList();
  }
}
