package io.registry.operations.backfill;

import io.registry.bridge.BridgeProperties;
import io.registry.content.files.ContentsProperties;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.ComponentScan;

/**
 * What the command needs of the registry: its store and settings, and nothing else. Without a
 * stereotype, so that the server does not find it.
 */
@ComponentScan("io.registry.storage")
@EnableConfigurationProperties({BridgeProperties.class, ContentsProperties.class})
class BackfillContext {}
