/**
 * What any server needs, and what knows nothing of images.
 *
 * <p>JSON, problems, logs, traces, settings, the database, outgoing HTTP and threads. The packages
 * here use each other and libraries only.
 */
@NullMarked
package io.registry.platform;

import org.jspecify.annotations.NullMarked;
