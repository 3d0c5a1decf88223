package io.registry.storage.s3;

import io.registry.platform.trace.Traces;
import java.util.Map;
import software.amazon.awssdk.core.interceptor.Context;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;
import software.amazon.awssdk.http.SdkHttpRequest;

/** Adds trace headers to requests to the store, before they are signed. */
final class TraceHeaders implements ExecutionInterceptor {
  private final Traces traces;

  TraceHeaders(Traces traces) {
    this.traces = traces;
  }

  @Override
  public SdkHttpRequest modifyHttpRequest(
      Context.ModifyHttpRequest context, ExecutionAttributes attributes) {
    Map<String, String> headers = traces.headers();
    if (headers.isEmpty()) {
      return context.httpRequest();
    }
    SdkHttpRequest.Builder request = context.httpRequest().toBuilder();
    headers.forEach(request::putHeader);
    return request.build();
  }
}
