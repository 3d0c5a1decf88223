package io.registry.features.events;

/**
 * The request that caused an event.
 *
 * @param requestId the id of the request, the same for all events that it causes
 * @param address the address of the client
 * @param host the Host header of the client
 * @param method the method of the request
 * @param userAgent the User-Agent header of the client; empty when there is none
 * @param actor the name of the caller; empty when it is not known
 * @param base URL of this registry without a trailing slash, with a host that is the registry's
 * @param server where this registry listens: host and port
 */
public record EventOrigin(
    String requestId,
    String address,
    String host,
    String method,
    String userAgent,
    String actor,
    String base,
    String server) {}
