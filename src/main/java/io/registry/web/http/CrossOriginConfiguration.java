package io.registry.web.http;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.web.cors.CorsConfiguration;
import org.springframework.web.cors.CorsUtils;
import org.springframework.web.cors.DefaultCorsProcessor;
import org.springframework.web.cors.UrlBasedCorsConfigurationSource;
import org.springframework.web.filter.CorsFilter;

/** Configures CORS: answers browsers on behalf of pages of other origins, before authentication. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(CrossOriginProperties.class)
class CrossOriginConfiguration {
  /** After the filter that normalizes paths. */
  private static final int ORDER = Ordered.HIGHEST_PRECEDENCE + 1;

  @Bean
  FilterRegistrationBean<CorsFilter> crossOriginFilter(CrossOriginProperties settings) {
    CorsConfiguration allowed = new CorsConfiguration();
    allowed.setAllowedOriginPatterns(settings.origins());
    allowed.setAllowedMethods(settings.methods());
    allowed.setAllowedHeaders(settings.headers());
    allowed.setExposedHeaders(settings.exposeHeaders());
    allowed.setAllowCredentials(settings.supportsCredentials());
    if (!settings.maxAge().isZero()) {
      allowed.setMaxAge(settings.maxAge());
    }
    UrlBasedCorsConfigurationSource paths = new UrlBasedCorsConfigurationSource();
    settings.resources().forEach(path -> paths.registerCorsConfiguration(path, allowed));
    CorsFilter filter = new CorsFilter(paths);
    filter.setCorsProcessor(new Lenient());
    FilterRegistrationBean<CorsFilter> registration = new FilterRegistrationBean<>(filter);
    registration.setEnabled(!settings.origins().isEmpty());
    registration.setOrder(ORDER);
    return registration;
  }

  /**
   * Refuses only preflight requests. Another request with an {@code Origin} that is not allowed
   * gets its normal answer without the headers that would let a page read it, like in the original.
   */
  private static final class Lenient extends DefaultCorsProcessor {
    @Override
    public boolean processRequest(
        @Nullable CorsConfiguration allowed,
        HttpServletRequest request,
        HttpServletResponse response)
        throws IOException {
      boolean refused =
          allowed != null
              && CorsUtils.isCorsRequest(request)
              && !CorsUtils.isPreFlightRequest(request)
              && (checkOrigin(allowed, request.getHeader(HttpHeaders.ORIGIN)) == null
                  || allowed.checkHttpMethod(HttpMethod.valueOf(request.getMethod())) == null);
      return refused || super.processRequest(allowed, request, response);
    }
  }
}
