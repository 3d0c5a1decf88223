package io.registry.web;

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

/** Answers browsers that ask for pages of other origins, before anybody asks who the user is. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(CrossOriginProperties.class)
class CrossOriginConfiguration {
  /** After the paths have their one spelling. */
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
   * Refuses only a browser that asks beforehand. Others with an {@code Origin} are answered as
   * anybody is, without the headers that would let a page read it, as the original did.
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
