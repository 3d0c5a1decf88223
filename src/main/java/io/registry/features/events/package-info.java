/** Events: logging them, sending them to webhooks, and asking a veto hook before a push. */
@NullMarked
package io.registry.features.events;

import org.jspecify.annotations.NullMarked;
