package io.registry.web.v2;

import io.registry.web.http.OpenApiContract;

class V2OpenApiTest extends OpenApiContract {
  V2OpenApiTest() {
    super("docs/openapi-v2.json");
  }
}
