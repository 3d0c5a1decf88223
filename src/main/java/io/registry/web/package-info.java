/**
 * The protocols over HTTP: a route, the use case behind it, and the form of its answer.
 *
 * <p>{@code v1}, {@code v2} and {@code api} are one protocol each, and know nothing of each other;
 * {@code access} says who sends a request, {@code http} is what every protocol shares, and {@code
 * tomcat} is what reaches into the server. Only this floor knows servlets, Spring's web classes and
 * Tomcat. Begin with {@link io.registry.web.http.Protocol}, or with the controller of a route.
 */
@NullMarked
package io.registry.web;

import org.jspecify.annotations.NullMarked;
