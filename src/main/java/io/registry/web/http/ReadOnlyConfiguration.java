package io.registry.web.http;

import io.registry.platform.problem.Problem;
import io.registry.platform.problem.ReadOnly;
import io.registry.platform.problem.RegistryException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.Set;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.servlet.HandlerInterceptor;
import org.springframework.web.servlet.config.annotation.InterceptorRegistry;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;

/** Refuses requests that change images or repositories while the registry is read-only. */
@Configuration(proxyBeanMethods = false)
class ReadOnlyConfiguration {
  private static final Set<String> READING = Set.of("GET", "HEAD", "OPTIONS");

  @Bean
  WebMvcConfigurer readOnly(ObjectProvider<ReadOnly> readOnly, Protocols protocols) {
    return new WebMvcConfigurer() {
      @Override
      public void addInterceptors(InterceptorRegistry registry) {
        readOnly.stream()
            .findFirst()
            .ifPresent(
                found ->
                    registry
                        .addInterceptor(new Refusal(found.reason()))
                        .addPathPatterns(protocols.storePaths()));
      }
    };
  }

  /** Runs after authorization, so that a client without access learns nothing else. */
  private record Refusal(String reason) implements HandlerInterceptor {
    @Override
    public boolean preHandle(
        HttpServletRequest request, HttpServletResponse response, Object handler) {
      if (!READING.contains(request.getMethod())) {
        throw new RegistryException(Problem.READ_ONLY, reason);
      }
      return true;
    }
  }
}
