/** What reaches into Tomcat, and why: docs/tomcat.md says what to check when it is upgraded. */
@NullMarked
package io.registry.web.tomcat;

import org.jspecify.annotations.NullMarked;
