package io.registry.events;

/**
 * The request that made something happen.
 *
 * @param requestId an id of the request, the same for all that it made happen
 * @param address the address of the client
 * @param host the host by which the client asked, as it said
 * @param method the method of the request
 * @param userAgent what the client calls itself; empty when it does not
 * @param actor the name of whoever asked; empty when nobody knows
 * @param base URL of this registry without slash at its end, by a host that is the registry's
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
