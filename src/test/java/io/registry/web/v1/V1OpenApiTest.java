package io.registry.web.v1;

import io.registry.web.http.OpenApiContract;

class V1OpenApiTest extends OpenApiContract {
  V1OpenApiTest() {
    super("docs/openapi-v1.json");
  }
}
