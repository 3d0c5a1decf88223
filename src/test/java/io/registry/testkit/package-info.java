/** What tests share: servers, clients, images, stores that fail. */
@NullMarked
package io.registry.testkit;

import org.jspecify.annotations.NullMarked;
