package io.registry.web.api;

import io.swagger.v3.oas.annotations.Hidden;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import java.lang.reflect.Method;
import java.lang.reflect.Parameter;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.context.annotation.ClassPathScanningCandidateComponentProvider;
import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.type.filter.AnnotationTypeFilter;
import org.springframework.http.HttpStatus;
import org.springframework.util.ClassUtils;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.bind.annotation.ValueConstants;

/** The description of the API in OpenAPI 3.1, made from the controllers and their records. */
final class OpenApiDocument {
  /** What any request may be answered with. */
  private static final List<HttpStatus> ALWAYS =
      List.of(
          HttpStatus.BAD_REQUEST,
          HttpStatus.UNAUTHORIZED,
          HttpStatus.FORBIDDEN,
          HttpStatus.TOO_MANY_REQUESTS,
          HttpStatus.SERVICE_UNAVAILABLE);

  private static final Map<HttpStatus, String> MEANINGS =
      Map.of(
          HttpStatus.BAD_REQUEST, "The request is not as it should be; the text names the field",
          HttpStatus.UNAUTHORIZED, "Name and password are missing or wrong",
          HttpStatus.FORBIDDEN, "The caller may not do that",
          HttpStatus.NOT_FOUND, "There is no such thing, or the caller may not know of it",
          HttpStatus.CONTENT_TOO_LARGE, "The body is too large",
          HttpStatus.UNSUPPORTED_MEDIA_TYPE, "The body is not said to be application/json",
          HttpStatus.TOO_MANY_REQUESTS, "Too many wrong passwords; Retry-After tells when",
          HttpStatus.SERVICE_UNAVAILABLE, "The accounts or the store cannot be reached now");

  private static final Map<String, String> PARAMETERS =
      Map.of(
          "after", "The name after which to begin: the next of the page before",
          "force", "Whether tags that need it do not matter; they stay",
          "limit", "So many at most",
          "namespace", "The first part of the names",
          "tag", "The name of the tag");

  private final Map<String, Object> paths = new TreeMap<>();
  private final Map<String, Object> schemas = new TreeMap<>();

  private OpenApiDocument() {}

  /** The document, made of maps and lists. */
  static Map<String, Object> generate() throws ClassNotFoundException {
    OpenApiDocument document = new OpenApiDocument();
    for (Class<?> controller : controllers()) {
      Arrays.stream(controller.getDeclaredMethods())
          .filter(method -> !method.isAnnotationPresent(Hidden.class))
          .sorted(Comparator.comparing(Method::getName))
          .forEach(method -> document.add(controller, method));
    }
    return document.whole();
  }

  private static List<Class<?>> controllers() throws ClassNotFoundException {
    StandardEnvironment embedded = new StandardEnvironment();
    embedded
        .getPropertySources()
        .addFirst(
            new MapPropertySource(
                "mode",
                Map.of(
                    "registry.index.mode",
                    "embedded",
                    "registry.search.enabled",
                    "true",
                    "registry.gc.enabled",
                    "true",
                    "registry.events.webhooks.any.url",
                    "any")));
    ClassPathScanningCandidateComponentProvider scan =
        new ClassPathScanningCandidateComponentProvider(false, embedded);
    scan.addIncludeFilter(new AnnotationTypeFilter(RestController.class));
    List<Class<?>> found = new ArrayList<>();
    for (BeanDefinition controller :
        scan.findCandidateComponents(OpenApiDocument.class.getPackageName())) {
      found.add(Class.forName(controller.getBeanClassName()));
    }
    found.sort(Comparator.comparing(Class::getSimpleName));
    return found;
  }

  private Map<String, Object> whole() {
    Map<String, Object> scheme =
        ordered(
            "type", "http",
            "scheme", "basic",
            "description", "Name and password of a user. Robots may not use this API.");
    Map<String, Object> answers = new TreeMap<>();
    MEANINGS.forEach(
        (status, text) -> answers.put(name(status), answer(text, reference("Refusal"))));
    schema(ApiProblemHandler.Refusal.class, false);
    return ordered(
        "openapi", "3.1.0",
        "info",
            ordered(
                "title",
                "Accounts of the registry",
                "description",
                "Users, teams, namespaces, robots, and who sees which repository. There with"
                    + " registry.index.mode=embedded.",
                "version",
                "1",
                "license",
                ordered("name", "Apache-2.0", "identifier", "Apache-2.0")),
        "servers", List.of(Map.of("url", "/")),
        "security", List.of(Map.of("basic", List.of())),
        "paths", paths,
        "components",
            ordered(
                "securitySchemes", Map.of("basic", scheme),
                "responses", answers,
                "schemas", schemas));
  }

  @SuppressWarnings("unchecked")
  private void add(Class<?> controller, Method method) {
    RequestMapping mapping =
        AnnotatedElementUtils.findMergedAnnotation(method, RequestMapping.class);
    if (mapping == null) {
      return;
    }
    RequestMapping base =
        Objects.requireNonNull(
            AnnotatedElementUtils.findMergedAnnotation(controller, RequestMapping.class));
    String path = base.path()[0] + (mapping.path().length == 0 ? "" : mapping.path()[0]);
    String verb = mapping.method()[0].name().toLowerCase(Locale.ROOT);
    ((Map<String, Object>) paths.computeIfAbsent(path, unused -> new LinkedHashMap<>()))
        .put(verb, operation(controller, method, path));
  }

  private Map<String, Object> operation(Class<?> controller, Method method, String path) {
    String tag = controller.getSimpleName().replace("Controller", "").toLowerCase(Locale.ROOT);
    Operation documented = Objects.requireNonNull(method.getAnnotation(Operation.class));
    Map<String, Object> operation =
        ordered(
            "tags", List.of(tag),
            "operationId", tag + "." + method.getName(),
            "summary", documented.summary());
    List<Map<String, Object>> parameters =
        Arrays.stream(method.getParameters())
            .flatMap(parameter -> parameter(parameter).stream())
            .toList();
    if (!parameters.isEmpty()) {
      operation.put("parameters", parameters);
    }
    Optional<Class<?>> body =
        Arrays.stream(method.getParameters())
            .filter(parameter -> parameter.isAnnotationPresent(RequestBody.class))
            .<Class<?>>map(Parameter::getType)
            .findFirst();
    body.ifPresent(
        type ->
            operation.put(
                "requestBody", ordered("required", true, "content", content(schema(type, true)))));
    operation.put("responses", responses(method, path.contains("{"), body.isPresent()));
    return operation;
  }

  private Map<String, Object> responses(Method method, boolean ofOne, boolean hasBody) {
    Map<String, Object> responses = new TreeMap<>();
    ResponseStatus declared =
        AnnotatedElementUtils.findMergedAnnotation(method, ResponseStatus.class);
    HttpStatus success = declared == null ? HttpStatus.OK : declared.code();
    responses.put(
        String.valueOf(success.value()),
        method.getReturnType() == void.class
            ? ordered("description", success.getReasonPhrase())
            : answer(
                success.getReasonPhrase(), schema(body(method.getGenericReturnType()), false)));
    Stream.of(
            ALWAYS,
            ofOne ? List.of(HttpStatus.NOT_FOUND) : List.<HttpStatus>of(),
            hasBody
                ? List.of(HttpStatus.CONTENT_TOO_LARGE, HttpStatus.UNSUPPORTED_MEDIA_TYPE)
                : List.<HttpStatus>of())
        .flatMap(List::stream)
        .forEach(
            status ->
                responses.put(
                    String.valueOf(status.value()),
                    Map.of("$ref", "#/components/responses/" + name(status))));
    for (ApiResponse response : method.getAnnotationsByType(ApiResponse.class)) {
      responses.put(response.responseCode(), answer(response.description(), reference("Refusal")));
    }
    return responses;
  }

  private static Class<?> body(Type answer) {
    return (Class<?>)
        (answer instanceof ParameterizedType entity ? entity.getActualTypeArguments()[0] : answer);
  }

  private Optional<Map<String, Object>> parameter(Parameter parameter) {
    if (parameter.isAnnotationPresent(PathVariable.class)) {
      return Optional.of(
          ordered(
              "name",
              parameter.getName(),
              "in",
              "path",
              "required",
              true,
              "schema",
              Map.of("type", "string")));
    }
    RequestParam query = parameter.getAnnotation(RequestParam.class);
    if (query == null) {
      return Optional.empty();
    }
    boolean required = query.defaultValue().equals(ValueConstants.DEFAULT_NONE);
    Map<String, Object> schema =
        parameter.getType() == int.class
            ? ordered(
                "type",
                "integer",
                "minimum",
                1,
                "maximum",
                PageRequest.MAX_LIMIT,
                "default",
                Integer.valueOf(query.defaultValue()))
            : schema((Type) parameter.getType(), false);
    return Optional.of(
        ordered(
            "name",
            parameter.getName(),
            "in",
            "query",
            "description",
            Objects.requireNonNull(PARAMETERS.get(parameter.getName())),
            "required",
            required,
            "schema",
            schema));
  }

  /** Notes what a record looks like, and refers to it. */
  private Map<String, Object> schema(Class<?> type, boolean sent) {
    Map<String, Object> properties = new LinkedHashMap<>();
    List<String> required = new ArrayList<>();
    for (RecordComponent component : type.getRecordComponents()) {
      Map<String, Object> schema = new LinkedHashMap<>(schema(component.getGenericType(), sent));
      Schema documented = component.getAccessor().getAnnotation(Schema.class);
      if (documented != null) {
        schema.put("description", documented.description());
      }
      properties.put(component.getName(), schema);
      if (!component.getAnnotatedType().isAnnotationPresent(Nullable.class)) {
        required.add(component.getName());
      }
    }
    Map<String, Object> schema = ordered("type", "object", "properties", properties);
    if (!required.isEmpty()) {
      schema.put("required", required);
    }
    String name = type.getSimpleName();
    if (sent) {
      // What is sent and has an unknown field is refused; what is answered may get more of them.
      schema.put("additionalProperties", false);
    }
    if (sent || !schemas.containsKey(name)) {
      schemas.put(name, schema);
    }
    return reference(name);
  }

  private Map<String, Object> schema(Type type, boolean sent) {
    if (type instanceof ParameterizedType list) {
      return ordered("type", "array", "items", schema(list.getActualTypeArguments()[0], sent));
    }
    Class<?> plain = ClassUtils.resolvePrimitiveIfNecessary((Class<?>) type);
    if (plain == Boolean.class) {
      return Map.of("type", "boolean");
    }
    if (plain == Integer.class || plain == Long.class) {
      return Map.of("type", "integer");
    }
    if (plain == Instant.class) {
      return ordered("type", "string", "format", "date-time");
    }
    if (plain.isEnum()) {
      return ordered(
          "type",
          "string",
          "enum",
          Arrays.stream(plain.getEnumConstants())
              .map(constant -> String.valueOf(constant).toLowerCase(Locale.ROOT))
              .toList());
    }
    return plain == String.class ? Map.of("type", "string") : schema(plain, sent);
  }

  private static Map<String, Object> answer(String description, Map<String, Object> schema) {
    return ordered("description", description, "content", content(schema));
  }

  private static Map<String, Object> content(Map<String, Object> schema) {
    return Map.of("application/json", Map.of("schema", schema));
  }

  private static Map<String, Object> reference(String schema) {
    return Map.of("$ref", "#/components/schemas/" + schema);
  }

  private static String name(HttpStatus status) {
    return status.getReasonPhrase().replace(" ", "");
  }

  private static Map<String, Object> ordered(Object... namesAndValues) {
    Map<String, Object> map = new LinkedHashMap<>();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      map.put((String) namesAndValues[i], namesAndValues[i + 1]);
    }
    return map;
  }
}
